/// The style sheets of pages. They are written without `<` and `&`, so that they mean the same to HTML and XML.
///
/// Verdicts are words; colour only helps. In black and white the frames still differ, and no meaning hangs on a
/// background, which printers leave out.
enum PageStyle {
    static let report = """
        @page { size: A4; margin: 14mm 13mm; }
        * { box-sizing: border-box; }
        body { font: 10pt/1.4 "DejaVu Sans", "Noto Sans", "Liberation Sans", Arial, sans-serif; color: #111;
          background: #fff; max-width: 190mm; margin: 6mm auto; padding: 0 4mm; }
        h1 { font-size: 19pt; margin: 0 0 1mm; }
        h2 { font-size: 13pt; margin: 8mm 0 2mm; border-bottom: 0.4mm solid #111; }
        h3 { font-size: 11pt; margin: 0; } h4 { font-size: 9.5pt; margin: 2.5mm 0 0.5mm; }
        p { margin: 0 0 2mm; } ul { margin: 0 0 2mm; padding-left: 5mm; }
        table { width: 100%; border-collapse: collapse; margin: 1mm 0 3mm; font-size: 9pt; }
        th { text-align: left; font-weight: bold; border-bottom: 0.4mm solid #111; padding: 1mm 2mm 1mm 0;
          vertical-align: bottom; }
        td { border-bottom: 0.2mm solid #bbb; padding: 1mm 2mm 1mm 0; vertical-align: top; overflow-wrap: anywhere; }
        .n { text-align: right; white-space: nowrap; } th.n { white-space: normal; } .name { min-width: 24mm; } .w { white-space: nowrap; }
        .small { font-size: 8.5pt; color: #333; }
        .answer { font-size: 13pt; font-weight: bold; border: 0.6mm solid #111; padding: 3mm 4mm; margin: 4mm 0; }
        .v { display: inline-block; white-space: nowrap; padding: 0 1.5mm; border: 0.3mm solid #111; font-weight: bold; }
        .v-proven, .v-met { border-color: #17602b; color: #17602b; }
        .v-not-proven, .v-unknown { border: 0.3mm dashed #6b4a00; color: #6b4a00; }
        .v-expired { border: 0.9mm double #6b4a00; color: #6b4a00; }
        .v-failed, .v-damaged, .v-gap { border: 0.7mm solid #8d0f0f; color: #8d0f0f; }
        .system { border-top: 0.2mm solid #999; padding-top: 3mm; margin-top: 4mm; }
        .head { display: flex; gap: 3mm; align-items: baseline; break-after: avoid; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.6mm 4mm; margin: 1.5mm 0; }
        dt { font-weight: bold; } dd { margin: 0; overflow-wrap: anywhere; }
        figure { margin: 1mm 0; break-inside: avoid; } svg { display: block; width: 100%; height: auto; }
        figcaption { font-size: 8.5pt; color: #333; }
        .sign { white-space: nowrap; margin-right: 4mm; }
        .key { display: inline-block; width: 5mm; height: 3.6mm; vertical-align: -0.4mm; }
        svg text { font: 9px "DejaVu Sans", "Noto Sans", Arial, sans-serif; fill: #111; }
        code, pre { font: 8.5pt/1.35 "DejaVu Sans Mono", "Liberation Mono", monospace; overflow-wrap: anywhere; }
        pre { white-space: pre-wrap; border-left: 0.6mm solid #111; padding-left: 3mm; margin: 1mm 0 2mm; }
        a { color: #111; } footer { border-top: 0.6mm solid #111; margin-top: 8mm; padding-top: 3mm; }
        thead { display: table-header-group; } tr, li, .answer, dl { break-inside: avoid; }
        h2, h3, h4 { break-after: avoid; }

        """

    static let form = """
        @page { size: A4; margin: 20mm 15mm 20mm 25mm; }
        body { font: 12pt/1.45 "Times New Roman", "Liberation Serif", "DejaVu Serif", serif; color: #000;
          background: #fff; max-width: 175mm; margin: 8mm auto; padding: 0 4mm; }
        .head { display: flex; justify-content: space-between; gap: 6mm; text-align: center; font-weight: bold; }
        .head p { margin: 0; } .head div:last-child { flex: none; white-space: nowrap; }
        .under { text-decoration: underline; text-underline-offset: 1mm; }
        h1 { font-size: 14pt; text-align: center; text-transform: uppercase; margin: 7mm 0 1mm; }
        h2 { font-size: 12pt; margin: 4mm 0 1mm; }
        .subtitle { text-align: center; font-style: italic; } p { margin: 0 0 1.5mm; overflow-wrap: anywhere; }
        table { width: 100%; border-collapse: collapse; font-size: 11pt; margin: 1.5mm 0 3mm; }
        th, td { border: 0.2mm solid #000; padding: 1mm 1.5mm; vertical-align: top; text-align: left;
          overflow-wrap: anywhere; }
        th { text-align: center; } thead { display: table-header-group; } tr { break-inside: avoid; }
        .signatures { display: flex; justify-content: space-around; gap: 8mm; text-align: center; margin-top: 8mm;
          break-inside: avoid; }
        .signatures .role { font-weight: bold; margin: 0; } .signatures .space { height: 26mm; }
        .foot { border-top: 0.2mm solid #000; margin-top: 8mm; padding-top: 2mm; font-size: 9pt; }
        .foot p { margin: 0 0 0.8mm; }

        """
}
