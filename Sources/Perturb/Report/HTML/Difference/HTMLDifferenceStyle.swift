extension HTMLStyle {
  /// What only the page of a difference has. The colours of a map are three stops of even steps in OKLab lightness.
  static let difference = """
    .files { margin-top: .7rem; display: grid; gap: .15rem; }
    .files > div { display: flex; gap: .6rem; }
    .files dt { font-weight: 600; flex: none; width: 1rem; }
    .files dd { overflow-wrap: anywhere; min-width: 0; }
    .verdict .warning { color: var(--warn); font-weight: 600; }
    section > .lead { max-width: 46rem; }
    .heat-maps {
      display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
      gap: 1.5rem 2rem; margin: 1rem 0; align-items: start;
    }
    .heat-maps figure { min-width: 0; }
    .heat-maps figcaption { font-size: 1rem; font-weight: 600; }
    .map-legend { min-height: 4.4rem; margin: .35rem 0 .6rem; }
    .chart.scale { max-width: 21rem; }
    .cell.lower { fill: color-mix(in oklab, var(--middle) var(--depth), var(--least)); }
    .cell.upper { fill: color-mix(in oklab, var(--most) var(--depth), var(--middle)); }
    .zero, .undefined { fill: none; stroke: var(--rule); }
    .undefined { stroke: var(--bad); }
    .cell:hover { stroke: var(--text); stroke-width: 1.5; }
    .dot { fill: var(--series); }
    .dot:hover { stroke: var(--text); }
    details { margin-top: .75rem; }
    summary { cursor: pointer; font-size: .9rem; color: var(--after); width: fit-content; }
    .grid { font-size: .78rem; }
    .grid thead th { vertical-align: bottom; font-size: inherit; }
    .grid tfoot > tr > *, .grid tr > .sum { font-weight: 600; }
    .grid thead th:first-child { min-width: 3rem; }
    th.name { overflow-wrap: anywhere; min-width: 11rem; }
    figcaption > .under { display: block; margin: 0; }
    th > small { display: block; line-height: 1.3; }
    .list { width: 100%; }
    .list thead th { text-align: left; }
    .list td.words { overflow-wrap: anywhere; font-size: .85rem; }
    .list th.name { width: 45%; }
    .strips, .spectra { width: 100%; }
    .strips td.strip, .spectra td.strip { width: 99%; padding-inline: 0; }
    .strips th[scope="row"], .spectra th[scope="row"] { white-space: nowrap; }
    .strips td.strip { padding-block: 0; vertical-align: middle; }
    .strips td > small { display: block; }
    .strips thead th { vertical-align: bottom; }
    .spectra thead th { white-space: nowrap; }
    .spectra td > small { display: block; }
    .spectra td.strip { min-width: 6rem; vertical-align: middle; padding-inline: .6rem; }
    .spectra .bar { max-width: none; height: .8rem; margin: 0; }
    .bar .part { fill: var(--series); }
    .ticks { position: relative; height: 1.2rem; }
    .ticks > span {
      position: absolute; transform: translateX(-50%); font-size: .75rem; white-space: nowrap;
    }
    .points { display: block; width: 100%; height: 2.9rem; overflow: visible; }
    .points > * { vector-effect: non-scaling-stroke; }
    .points .grid { stroke: var(--rule); stroke-width: .8; }
    .points .axis { stroke: var(--muted); stroke-width: .8; stroke-dasharray: 2 2; }
    .points .median { stroke: var(--text); stroke-width: 2; }
    .spot {
      fill: none; stroke: var(--after); stroke-width: 6.5; stroke-linecap: round; opacity: .55;
    }
    .spot:hover { opacity: 1; stroke-width: 9; }
    .terms { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.1rem; font-size: .9rem; }
    .terms dt { font-weight: 600; }
    .terms dd { min-width: 0; overflow-wrap: anywhere; }
    @media (max-width: 34rem) {
      .strips tr { display: grid; grid-template-columns: 1fr auto; }
      .strips tr > .strip { grid-row: 2; grid-column: 1 / -1; width: auto; border: 0; }
      .strips, .strips > * { display: block; }
      .spectra { font-size: .74rem; }
      .spectra thead th { font-size: inherit; white-space: normal; vertical-align: bottom; }
      .spectra th[scope="row"] { white-space: normal; overflow-wrap: anywhere; min-width: 5.5rem; }
      .spectra tr > :nth-last-child(2) { display: none; }
      .grid { font-size: .72rem; }
      .list thead th, .list th, .list td { font-size: .78rem; }
      .terms { grid-template-columns: 1fr; gap: 0; }
      .terms dd { margin-bottom: .5rem; }
      .ticks > span { font-size: .68rem; }
    }
    @media print {
      details::details-content { content-visibility: visible; block-size: auto; }
      .heat-maps { grid-template-columns: 1fr 1fr; gap: 1rem; }
      .map { max-height: 130mm; }
      .grid { font-size: 6.5pt; }
      .grid th, .grid td { padding: .1rem .2rem; }
    }
    """
}
