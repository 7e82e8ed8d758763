internal import Glibc
internal import Synchronization

extension LocalStore {
    /// See ``ObjectStore``. Throws `outcomeUnknown` when the object got its name but the folder could not be
    /// synchronised, or when the file system answered to the naming with an I/O error.
    public func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult {
        let (folder, leaf) = PathBytes.split(Array(name.text.utf8))
        do throws(PutFailure) {
            do throws(PutFailure) {
                return try put(bytes, folder, leaf)
            } catch  where error.isStale {
                // Someone removed the folder since it was opened: once more with a new one.
                folders.forget()
                return try put(bytes, folder, leaf)
            }
        } catch {
            switch error {
            case .absent(let error): throw StorageError(error, "write \(name)", at: location)
            case .unknown(let error): throw StorageError(.outcomeUnknown, error, "make \(name) durable", at: location)
            }
        }
    }

    /// Why a put failed: the object is certainly not there because of this call, or nobody knows.
    enum PutFailure: Error {
        case absent(SystemError)
        case unknown(SystemError)

        var isStale: Bool {
            if case .absent(let error) = self { error.errno == ENOENT || error.errno == ESTALE } else { false }
        }
    }

    private func put(
        _ bytes: UnsafeRawBufferPointer, _ folder: [UInt8], _ leaf: [UInt8]
    ) throws(PutFailure) -> PutResult {
        let directory: OpenFile
        do throws(SystemError) { directory = try folders.folder(folder) } catch { throw .absent(error) }
        let result: PutResult
        do throws(PutFailure) { result = try publish(bytes, directory, leaf) } catch {
            // A removed folder answers variously, ext4 with EPERM; that it has no link left is sure.
            guard case .absent = error, (try? directory.status().linkCount) == 0 else { throw error }
            throw .absent(SystemError(errno: ENOENT, operation: "open"))
        }
        // Also when it exists: the caller builds upon it, and who wrote it may not have come this far.
        do throws(SystemError) { try directory.synchronize() } catch {
            folders.forget()
            throw .unknown(error)
        }
        return result
    }

    /// Writes `bytes` and gives them the name `leaf`, which is not durable yet.
    func publish(
        _ bytes: UnsafeRawBufferPointer, _ directory: OpenFile, _ leaf: [UInt8]
    ) throws(PutFailure) -> PutResult {
        do throws(SystemError) {
            return try attempt(bytes, directory, leaf)
        } catch  where error.operation == "fsync" || error.operation == "close" {
            // Promise 5: the file is given up, and the object written anew.
        } catch { throw Self.failure(error) }
        do throws(SystemError) { return try attempt(bytes, directory, leaf) } catch { throw Self.failure(error) }
    }

    private func attempt(
        _ bytes: UnsafeRawBufferPointer, _ directory: OpenFile, _ leaf: [UInt8]
    ) throws(SystemError) -> PutResult {
        // A look costs less than writing tens of megabytes for nothing; the answer that counts is the kernel's below.
        if try FileStatus.readIfPresent(at: directory, leaf) != nil { return .exists }
        let triesUnnamed = usesUnnamedFiles.load(ordering: .relaxed)
        var draft = Draft(directory, mode: modes.file, unnamed: triesUnnamed, pace: pace)
        try draft.write(bytes)
        if triesUnnamed, !draft.isUnnamed { usesUnnamedFiles.store(false, ordering: .relaxed) }
        do throws(SystemError) { try draft.publish(leaf) } catch  where error.errno == EEXIST { return .exists }
        return .created
    }

    // An I/O error of the naming itself may be an answer that got lost, for example on its way from a file server.
    private static func failure(_ error: SystemError) -> PutFailure {
        let isNaming = error.operation == "link" || error.operation == "renameat2"
        return isNaming && error.errno == EIO ? .unknown(error) : .absent(error)
    }
}
