internal import CYaml

/// Reads YAML into nodes with libyaml, for files that people write.
///
/// 1. Whatever the bytes are, it returns: nodes, or at least one fault.
/// 2. Size, depth and number of nodes are bounded.
/// 3. What makes a file mean something else than it shows is refused: keys that stand twice, anchors and aliases, tags,
///    a second document, bytes that are no UTF-8.
struct YAMLReader {
    static let byteCountMax = 1 << 20
    static let depthMax = 64
    static let nodesMax = 50_000
    static let faultsMax = 100

    /// The root of the document; nil when there is none, or when it cannot be read to its end. Its faults, which are
    /// none if all is well.
    static func read(_ bytes: [UInt8]) -> (root: YAMLNode?, faults: [YAMLFault]) {
        if bytes.count > byteCountMax {
            return (nil, [YAMLFault(place: .wholeFile, message: "The file is larger than 1 MiB", suggestion: "")])
        }
        if let offset = firstInvalid(bytes) {
            let fault = YAMLFault(
                place: place(of: offset, in: bytes), message: "A byte is no UTF-8",
                suggestion: "Save the file with the encoding UTF-8")
            return (nil, [fault])
        }
        // libyaml wants an address, and an empty array has none.
        if bytes.isEmpty { return (nil, []) }
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        guard yaml_parser_initialize(parser) == 1 else {
            return (nil, [YAMLFault(place: .wholeFile, message: "There is not enough memory", suggestion: "")])
        }
        defer { yaml_parser_delete(parser) }
        return bytes.withUnsafeBufferPointer { buffer in
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
            var builder = YAMLBuilder()
            var isAtEnd = false
            while !isAtEnd, !builder.isStopped {
                var event = yaml_event_t()
                guard yaml_parser_parse(parser, &event) == 1 else {
                    builder.stop(fault(parser.pointee, bytes))
                    break
                }
                isAtEnd = event.type == YAML_STREAM_END_EVENT
                builder.take(event)
                yaml_event_delete(&event)
            }
            return (builder.isStopped ? nil : builder.root, builder.faults)
        }
    }

    /// Offset of the first byte that is no UTF-8.
    private static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        if String(validating: bytes, as: UTF8.self) != nil { return nil }
        // The longest prefix that is valid, or would be with a character that is cut off at its end.
        var (valid, invalid) = (0, bytes.count)
        while invalid - valid > 4 {
            let middle = (valid + invalid) / 2
            let isValid = (0..<4).contains { cut in
                middle >= cut && String(validating: bytes[..<(middle - cut)], as: UTF8.self) != nil
            }
            if isValid { valid = middle } else { invalid = middle }
        }
        return (max(0, valid - 3)...invalid).last { String(validating: bytes[..<$0], as: UTF8.self) != nil } ?? 0
    }

    private static func place(of offset: Int, in bytes: [UInt8]) -> TextPlace {
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        return TextPlace(
            line: before.count(where: { $0 == 0x0a }) + 1,
            column: String(decoding: before[line...], as: UTF8.self).unicodeScalars.count + 1)
    }

    // MARK: What libyaml says

    private static func fault(_ parser: yaml_parser_t, _ bytes: [UInt8]) -> YAMLFault {
        let problem = parser.problem.map { String(cString: $0) } ?? "it cannot be read"
        let isReader = parser.error == YAML_READER_ERROR
        let place =
            isReader ? place(of: Int(clamping: parser.problem_offset), in: bytes) : TextPlace(parser.problem_mark)
        let isTab = bytes.contains(0x09) && problem.contains("cannot start any token")
        return YAMLFault(
            place: place, message: "This is no valid YAML: \(isTab ? "a tab cannot be used to indent" : problem)",
            suggestion: isTab ? "Use blanks instead of tabs" : advice(problem))
    }

    private static func advice(_ problem: String) -> String {
        let table = [
            ("mapping values are not allowed", "Check the indentation, or put quotes around a value that holds ': '"),
            ("did not find expected key", "Check that keys of one section have the same number of blanks before them"),
            ("did not find expected '-'", "Check that the '-' of one list have the same number of blanks before them"),
            ("could not find expected ':'", "Write a ':' and a blank after the key"),
            ("cannot start any token", "Put single quotes around the value"),
            ("unexpected end of stream", "Close the quote or bracket that is open"),
            ("did not find expected alphabetic", "Put single quotes around a value that begins with '*', '&' or '!'"),
            ("expected ',' or", "Close the bracket that is open, and put commas between values"),
            ("control characters", "Remove the invisible character"),
        ]
        return table.first { problem.contains($0.0) }?.1 ?? "See docs/POLICIES.md for examples"
    }
}

extension TextPlace {
    init(_ mark: yaml_mark_t) {
        self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }
}

/// Puts events together. It never recurses: what is open is on a stack.
private struct YAMLBuilder {
    private struct Frame {
        let isMapping: Bool
        let place: TextPlace
        var items: [YAMLNode] = []
        var entries: [YAMLNode.Entry] = []
        var keys: Set<String> = []
        var key: (text: String, place: TextPlace, isKept: Bool)?

        init(isMapping: Bool, place: TextPlace) {
            self.isMapping = isMapping
            self.place = place
        }
    }

    private(set) var root: YAMLNode?
    private(set) var faults: [YAMLFault] = []
    private(set) var isStopped = false
    private var frames: [Frame] = []
    private var nodes = 0
    private var documents = 0

    mutating func stop(_ fault: YAMLFault) {
        faults.append(fault)
        isStopped = true
    }

    private mutating func add(_ place: TextPlace, _ message: String, _ suggestion: String) {
        if faults.count < YAMLReader.faultsMax {
            faults.append(YAMLFault(place: place, message: message, suggestion: suggestion))
        }
    }

    mutating func take(_ event: yaml_event_t) {
        let place = TextPlace(event.start_mark)
        switch event.type {
        case YAML_DOCUMENT_START_EVENT:
            documents += 1
            if documents > 1 {
                stop(
                    YAMLFault(
                        place: place, message: "A second document begins in this file",
                        suggestion: "Remove the line '---', or make two files"))
            }
        case YAML_ALIAS_EVENT:
            add(place, "Aliases ('*name') are not used here", Self.quoting)
            complete(YAMLNode(content: .scalar("", isPlain: true), place: place))
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            check(scalar.anchor, scalar.tag, place)
            let bytes = UnsafeBufferPointer(start: scalar.value, count: Int(clamping: scalar.length))
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            complete(YAMLNode(content: .scalar(String(decoding: bytes, as: UTF8.self), isPlain: isPlain), place: place))
        case YAML_SEQUENCE_START_EVENT:
            check(event.data.sequence_start.anchor, event.data.sequence_start.tag, place)
            open(Frame(isMapping: false, place: place))
        case YAML_MAPPING_START_EVENT:
            check(event.data.mapping_start.anchor, event.data.mapping_start.tag, place)
            open(Frame(isMapping: true, place: place))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
            guard let frame = frames.popLast() else { return }
            let content: YAMLNode.Content = frame.isMapping ? .mapping(frame.entries) : .sequence(frame.items)
            complete(YAMLNode(content: content, place: frame.place))
        default: break
        }
    }

    private static let quoting = "Put single quotes around the value if it is meant as it stands"

    private mutating func check(
        _ anchor: UnsafeMutablePointer<yaml_char_t>?, _ tag: UnsafeMutablePointer<yaml_char_t>?, _ place: TextPlace
    ) {
        if anchor != nil { add(place, "Anchors ('&name') are not used here", Self.quoting) }
        if tag != nil { add(place, "Tags ('!name') are not used here", Self.quoting) }
    }

    private mutating func open(_ frame: Frame) {
        guard frames.count < YAMLReader.depthMax else {
            return stop(
                YAMLFault(
                    place: frame.place, message: "Values are nested more than \(YAMLReader.depthMax) deep",
                    suggestion: ""))
        }
        frames.append(frame)
    }

    /// Puts a complete node where it belongs: as key, value, item, or root.
    private mutating func complete(_ node: YAMLNode) {
        nodes += 1
        guard nodes <= YAMLReader.nodesMax else {
            return stop(
                YAMLFault(
                    place: node.place, message: "The file has more than \(YAMLReader.nodesMax) values", suggestion: ""))
        }
        guard let last = frames.indices.last else {
            root = node
            return
        }
        guard frames[last].isMapping else {
            frames[last].items.append(node)
            return
        }
        if let key = frames[last].key {
            if key.isKept { frames[last].entries.append(.init(key: key.text, keyPlace: key.place, value: node)) }
            frames[last].key = nil
            return
        }
        guard case .scalar(let text, _) = node.content else {
            add(node.place, "A key is \(node.kind) here, and must be a word", "Put single quotes around it")
            frames[last].key = ("", node.place, false)
            return
        }
        let isNew = frames[last].keys.insert(text).inserted
        if !isNew {
            let before = frames[last].entries.first { $0.key == text }?.keyPlace.line ?? 0
            add(
                node.place, "The key '\(text.shownInPolicy)' stands twice, first in line \(before)",
                "Remove one of them")
        }
        frames[last].key = (text, node.place, isNew)
    }
}

extension String {
    /// Words of a file for messages: in one line, not too long, harmless on a terminal.
    var shownInPolicy: String {
        let bytes = Array(utf8)
        let cut = bytes.count > 80 ? String(decoding: bytes.prefix(77), as: UTF8.self) + "…" : self
        return PathText.readable(Array(cut.utf8))
    }
}
