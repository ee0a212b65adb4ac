/// The only style sheet of every page.
///
/// Text has a contrast of at least 4.5 to 1 on its ground in both schemes. Colours have one meaning
/// each: before, drift, after; good, warning, bad.
enum HTMLStyle {
  static let sheet =
    colours + layout + verdictStyle + tableStyle + chartStyle + answerStyle + difference

  private static let colours = """
    :root {
      --ground: #f4f6f7; --surface: #ffffff; --text: #1b2329; --muted: #55626c; --rule: #d3dade;
      --before: #606d77; --drift: #6b4fa0; --after: #0b6a76; --heat: #7cc0c8;
      --good: #1d6b3c; --warn: #7d5300; --bad: #a02a2a;
      --least: #f3f2d7; --middle: #3a9c9d; --most: #31256d;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --ground: #12171a; --surface: #1a2125; --text: #e3e8eb; --muted: #a1adb6; --rule: #37434b;
        --before: #9daab4; --drift: #b9a3e8; --after: #5ec6d2; --heat: #1d6771;
        --good: #7fd09b; --warn: #e2b563; --bad: #f2a097;
        --least: #2d2a52; --middle: #3b959a; --most: #f2ed94;
      }
    }

    """

  private static let layout = """
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body {
      margin: 0 auto; padding: 1.25rem 1rem 3rem; max-width: 68rem; background: var(--ground);
      color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
    }
    h1, h2, h3, p, dl, dd, ul, figure { margin: 0; }
    h2 { font-size: 1.3rem; line-height: 1.3; margin-bottom: .5rem; }
    h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
    a { color: var(--after); }
    section {
      background: var(--surface); border: 1px solid var(--rule); border-radius: .6rem;
      padding: 1.1rem 1.1rem 1.25rem; margin-top: 1rem;
    }
    section > ul { padding-left: 1.2rem; }
    section > ul > li { margin: .35rem 0; max-width: 46rem; }
    .masthead { color: var(--muted); font-size: .85rem; margin-bottom: .6rem; }
    .note { color: var(--muted); font-size: .9rem; max-width: 46rem; margin: .35rem 0; }
    footer { margin-top: 1rem; }
    small { font-size: .78rem; color: var(--muted); font-weight: 400; }
    nav ul {
      display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; list-style: none; padding: 0;
      margin-top: 1rem; font-size: .9rem;
    }
    :focus-visible { outline: 2px solid var(--after); outline-offset: 2px; }

    """

  private static let verdictStyle = """
    .verdict {
      background: var(--surface); border: 1px solid var(--rule); border-left: .5rem solid;
      border-radius: .6rem; padding: 1rem 1.1rem;
    }
    .verdict h1 { font-size: 1.7rem; line-height: 1.2; }
    .verdict > * { color: var(--text); }
    .verdict ul { padding-left: 1.2rem; }
    .verdict > p { margin-top: .45rem; max-width: 46rem; }
    .verdict .lead { font-size: 1.1rem; }
    .verdict .fate { color: var(--muted); }
    .verdict.good { border-left-color: var(--good); }
    .verdict.warn { border-left-color: var(--warn); }
    .verdict.bad { border-left-color: var(--bad); }
    .verdict.plain { border-left-color: var(--before); }
    .good h1 { color: var(--good); } .warn h1 { color: var(--warn); } .bad h1 { color: var(--bad); }
    .tiles {
      display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem;
      margin-top: .75rem;
    }
    .tiles > div {
      background: var(--surface); border: 1px solid var(--rule); border-radius: .6rem;
      padding: .7rem .9rem; display: flex; flex-direction: column; justify-content: space-between;
    }
    .tiles dt { font-size: .85rem; line-height: 1.3; color: var(--muted); }
    .tiles b { display: block; font-size: 1.6rem; line-height: 1.3; font-weight: 600; }
    .tiles span { font-size: .85rem; color: var(--muted); }

    """

  private static let tableStyle = """
    .scroll { overflow-x: auto; margin-top: .75rem; }
    table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
    caption { text-align: left; font-size: .85rem; color: var(--muted); padding-bottom: .35rem; }
    th, td { padding: .3rem .6rem; border-top: 1px solid var(--rule); vertical-align: top; }
    th { text-align: left; font-weight: 500; }
    td { text-align: right; white-space: nowrap; }
    thead th { border-top: 0; color: var(--muted); font-size: .85rem; text-align: right; }
    thead th:first-child, .trials thead th:nth-child(2) { text-align: left; }
    td.words { text-align: left; white-space: normal; min-width: 4.5rem; }
    tr > :first-child { padding-left: .2rem; }
    tr.taken > * { font-weight: 600; }
    .figures { width: 100%; }
    .figures.narrow { max-width: 32rem; }
    .figures.narrow th:first-child { width: auto; }
    .figures th small { display: block; line-height: 1.2; }
    .figures td small { margin-left: .5rem; }
    .figures .group > *, .figures .group > :first-child {
      font-weight: 600; background: var(--ground);
    }
    .figures tr:not(.group) > th:first-child { padding-left: .8rem; }
    .figures th:first-child { width: 31%; }
    tbody th:first-child, tfoot th:first-child {
      position: sticky; left: 0; background: var(--surface);
    }
    .bar { display: block; width: 100%; max-width: 9rem; height: .6rem; margin: .15rem 0 0 auto; }
    .bar line { vector-effect: non-scaling-stroke; }
    .bar .track { stroke: var(--rule); stroke-width: 1.5; }
    .bar .interval { fill: var(--series); opacity: .55; }
    .bar .mark { stroke: var(--series); stroke-width: 2.5; }
    .before { --series: var(--before); } .drift { --series: var(--drift); }
    .after { --series: var(--after); }
    .maps { display: flex; flex-wrap: wrap; gap: 0 2rem; }
    .maps > .scroll { max-width: 100%; }
    .heat { font-size: .8rem; }
    .heat th, .heat td { padding: .12rem .3rem; text-align: center; }
    .heat thead th { font-size: .75rem; }
    .heat td {
      min-width: 2.6rem; border: 1px solid var(--surface); print-color-adjust: exact;
      -webkit-print-color-adjust: exact;
      background: color-mix(in srgb, var(--heat) var(--depth, 0%), var(--surface));
    }
    .heat .sum { font-weight: 600; }
    .pairs { width: 100%; }
    .pairs td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
    .pairs th { width: 40%; }
    .tables { columns: 2 24rem; column-gap: 2rem; }
    .tables > .scroll { break-inside: avoid; margin: 0 0 1.2rem; }
    .tables table { width: 100%; }
    .tables > h3 { margin-top: 0; }
    .tables > ul { padding-left: 1.2rem; margin-bottom: 1.2rem; font-size: .9rem; }
    @media (max-width: 34rem) {
      body { padding-inline: .6rem; }
      section, .verdict { padding-inline: .8rem; }
      table { font-size: .84rem; }
      th, td { padding-inline: .35rem; }
      .figures td small { display: block; margin: 0; }
      .figures th:first-child { width: 37%; }
      .trials, .trials thead th { font-size: .74rem; }
      .trials th, .trials td { padding-inline: .22rem; }
      .trials td.words { min-width: 0; }
      .maps > .scroll, .heat { width: 100%; }
      .heat { font-size: .72rem; }
      .heat th, .heat td { padding-inline: .12rem; min-width: 0; }
    }

    """

  private static let chartStyle = """
    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem; }
    .charts figure { max-width: 32rem; min-width: 0; }
    .charts.small { grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); }
    .charts { margin-top: .75rem; }
    figcaption { font-size: .88rem; }
    figcaption small { margin-left: .6rem; }
    .small figure { display: flex; flex-direction: column-reverse; }
    .chart { display: block; width: 100%; height: auto; overflow: visible; }
    .chart text { font-size: 11px; fill: var(--muted); font-variant-numeric: tabular-nums; }
    .chart .point-label, .chart .limit-label {
      paint-order: stroke; stroke: var(--surface); stroke-width: 3px; stroke-linejoin: round;
    }
    .chart .point-label { fill: var(--text); }
    .chart .limit-label { fill: var(--warn); }
    .chart .grid { stroke: var(--rule); stroke-width: .7; }
    .chart .axis { stroke: var(--muted); }
    .chart .limit { stroke: var(--warn); stroke-dasharray: 5 3; }
    .line { fill: none; stroke: var(--after); stroke-linejoin: round; }
    .line.path { stroke: var(--drift); stroke-width: .8; stroke-dasharray: 2 2; }
    .line.raw { stroke: var(--before); stroke-width: .8; opacity: .7; }
    .line.smooth { stroke-width: 2; }
    .marker { fill: var(--surface); stroke: var(--series); stroke-width: 1.8; }
    .marker.diamond, .marker.dot { fill: var(--series); }
    .key { width: .9rem; height: .9rem; margin-right: .35rem; vertical-align: -.1rem; }
    .legend {
      display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0;
      font-size: .85rem; color: var(--muted); margin-top: .5rem;
    }
    section > ul.legend { padding: 0; }
    section > ul.legend > li { margin: 0; }

    """

  private static let answerStyle = """
    .example { border-top: 1px solid var(--rule); padding: .7rem 0; }
    .prompt { font-weight: 600; white-space: pre-wrap; overflow-wrap: anywhere; }
    .expected { font-size: .88rem; color: var(--muted); overflow-wrap: anywhere; }
    .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: .6rem; }
    .answer {
      margin-top: .4rem; padding-left: .7rem; border-left: 3px solid var(--series); min-width: 0;
    }
    .who { font-size: .82rem; color: var(--muted); }
    .answer .words {
      white-space: pre-wrap; overflow-wrap: anywhere; max-height: 14rem; overflow-y: auto;
      font-size: .95rem;
    }
    .kind {
      border: 1px solid currentColor; border-radius: 1rem; padding: 0 .5rem; margin-left: .5rem;
      font-size: .78rem; color: var(--muted); white-space: nowrap;
    }
    .kind.refusal, .kind.exact { color: var(--text); }
    .kind.empty, .kind.incoherent { color: var(--bad); }
    @media print {
      body { background: none; max-width: none; padding: 0; font-size: 10pt; }
      html { font-size: 13px; }
      nav { display: none; }
      tfoot { display: table-row-group; }
      section, .verdict, .tiles > div { border-color: #bbb; }
      section { break-inside: auto; }
      h2, h3 { break-after: avoid; }
      figure, .example, tr, .tiles > div, .verdict, .maps > .scroll { break-inside: avoid; }
      .scroll, .answer .words { overflow: visible; max-height: none; }
    }
    """
}
