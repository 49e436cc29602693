//! `report.html`: what is in it, that nothing of the scenario gets out of its place, and what it does in a browser.

use std::path::Path;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::program::{Place, SMALL};

const NASTY: [&str; 5] = [
    r#"<script>alert(1)</script>"#,
    r#""><img src=x onerror=alert(1)>"#,
    r#"</script><script>alert(1)</script>"#,
    r#"</style><b>&amp; 'quoted' \u003c"#,
    r#"<!--<script>"#,
];

/// A scenario with marks of other languages wherever it may hold text.
fn nasty() -> String {
    let quoted = |text: &str| json!(text).to_string();
    let [title, description, site, hazard, strategy] = NASTY.map(quoted);
    let text = SMALL
        .replace("title = \"Small\"", &format!("title = {title}\ndescription = {description}"))
        .replace("east = \"East\"", &format!("east = {site}"))
        .replace("[hazards.outage]", &format!("[hazards.outage]\ntitle = {hazard}"))
        .replacen("source = \"assumed\"", &format!("source = {title} # {}", NASTY[2]), 1)
        .replace("kind = \"backup-restore\"", &format!("kind = \"backup-restore\"\ntitle = {strategy}"))
        .replace("kind = \"hot-standby\"", &format!("kind = \"hot-standby\"\ntitle = {description}"));
    text.replace("[costs]", &format!("[costs]\ncurrency = {strategy}"))
}

/// The report of a scenario.
fn report(place: &Place, text: &str, arguments: &str) -> String {
    place.put("scenario.toml", text);
    place.drsim(&format!("run scenario.toml --out out --quiet {arguments}")).with(0);
    place.text("out/report.html")
}

fn web_shop() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-shop.toml")).expect("shipped")
}

/// What stands between two marks, each time.
fn between<'t>(text: &'t str, open: &'t str, close: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(open).skip(1).map(move |rest| rest.split(close).next().unwrap_or(rest))
}

#[test]
fn every_text_of_the_scenario_is_escaped() {
    let report = report(&Place::new(), &nasty(), "--histories 100");
    for text in NASTY {
        assert!(!report.contains(text), "{text} is in the report as it stands");
    }
    assert!(report.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    // Two scripts end, no more: the data and ours; one style.
    assert_eq!(report.matches("</script").count(), 2);
    assert_eq!(report.matches("</style").count(), 1);
    assert_eq!(report.matches("<!--").count(), 0);
    assert!(!report.contains("<img"));
}

#[test]
fn a_review_finds_all_that_it_asks_for() {
    let place = Place::new();
    let report = report(&place, &web_shop(), "--histories 200 --seed 5 --only pilot-light --only warm-standby");
    let sections = [
        "question",
        "answer",
        "comparison",
        "achieved",
        "phases",
        "cost",
        "tips",
        "corruption",
        "control-plane",
        "worst",
        "assumptions",
        "method",
        "limits",
        "sign-off",
    ];
    let found: Vec<&str> = between(&report, "<section id=\"", "\"").collect();
    assert_eq!(found, sections);
    for text in [
        "drsim run scenario.toml \\\n  --set run.histories=200 \\\n  --set run.seed=5 \\\n  --only pilot-light \\\n  \
         --only warm-standby",
        "AWS post-event summaries of us-east-1, 2011-2025, own fit",
        "<strong class=\"assumed\">assumed</strong>",
        "AWS DR whitepaper",
        "People and bandwidth are not shared",
        "Signature",
        "region-event",
        "partial-outage",
        "Within both objectives",
        "history ",
    ] {
        assert!(report.contains(text), "{text} is missing");
    }
    assert!(!report.contains("hot-standby</th>"), "a strategy that was not asked for");
    let record: serde_json::Value = serde_json::from_str(&place.text("out/run.json")).expect("JSON");
    assert!(report.contains(record["scenario"]["sha256"].as_str().expect("a hash")));
}

#[test]
fn a_screen_reader_finds_its_way() {
    let report = report(&Place::new(), &web_shop(), "--histories 200");
    let mut level = 0;
    for heading in report.match_indices("<h").filter_map(|(at, _)| report[at + 2..].chars().next()?.to_digit(10)) {
        assert!(heading <= level + 1, "a heading of level {heading} follows one of level {level}");
        level = heading;
    }
    assert_eq!(report.matches("<h1").count(), 1);
    assert!(report.contains("<html lang=\"en\""));
    for landmark in ["<header", "<nav aria-label", "<main", "<footer"] {
        assert_eq!(report.matches(landmark).count(), 1, "{landmark}");
    }
    assert_eq!(report.matches("<table").count(), report.matches("<caption").count());
    assert!(report.matches("<th").count() == report.matches("scope=\"").count() + report.matches("<thead").count());
    let figures: Vec<&str> = between(&report, "<figure", "</figure>").collect();
    assert!(figures.len() > 8);
    for figure in figures {
        let label = figure.split("aria-label=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("");
        assert!(label.split(' ').count() > 3, "a figure says: {label}");
    }
}

#[test]
fn the_report_is_one_file_of_less_than_two_megabytes_that_fetches_nothing() {
    let mut text = web_shop();
    for k in 0..2 {
        text += &format!("\n[strategies.more-{k}]\nlike = \"warm-standby\"\nstandby_capacity = 0.{}\n", 3 + k);
    }
    let report = report(&Place::new(), &text, "--histories 2000");
    assert!(report.len() < 2_000_000, "{} bytes", report.len());
    for wanted in [" src=", "@import", "url(", "fetch(", "XMLHttpRequest", "<iframe", "<object", "<embed"] {
        assert!(!report.contains(wanted), "{wanted}");
    }
    let links: Vec<&str> = between(&report, " href=\"", "\"").filter(|link| !link.starts_with('#')).collect();
    assert_eq!(links, ["data:,"]);
}

#[test]
fn what_is_not_there_is_said_to_be_missing() {
    let (place, all) = (Place::new(), "--histories 20");
    let finding = |report: &str, section: &str| {
        let section = report.split(&format!("<section id=\"{section}\"")).nth(1).expect("the section").to_owned();
        between(&section, "<p class=\"finding\">", "</p>").next().expect("a finding").to_owned()
    };
    let quiet = report(
        &place,
        &SMALL.replace("rate = \"2/y\"", "rate = \"0.000001/y\"").replace("\"0.5/y\"", "\"0.000001/y\""),
        all,
    );
    assert_eq!(finding(&quiet, "answer"), "No incident was seen: nothing is shown about any strategy.");
    assert_eq!(finding(&quiet, "worst"), "No incident was seen.");
    let (before, rest) = SMALL.split_once("[objectives]").expect("objectives");
    let aimless = format!("{before}[sites]{}", rest.split_once("[sites]").expect("sites").1);
    assert!(finding(&report(&place, &aimless, all), "answer").starts_with("The scenario sets no objectives"));
    let (before, rest) = SMALL.split_once("[costs]").expect("costs");
    let free =
        report(&place, &format!("{before}[defaults]{}", rest.split_once("[defaults]").expect("defaults").1), all);
    assert!(!free.contains("<section id=\"cost\"") && free.contains("<section id=\"phases\""));
    let harmless =
        SMALL.replace("corrupts = \"data\"", "takes_down = [\"west\"]").replace("time_to_detect", "time_to_repair");
    assert!(
        finding(&report(&place, &harmless, all), "corruption").starts_with("No hazard of this scenario corrupts data")
    );
}

#[test]
fn a_run_without_charts_writes_no_report() {
    let place = Place::new();
    place.drsim("run small.toml --no-charts --out out").with(0);
    assert!(!place.path("out/report.html").exists());
}

/// Of the pictures, pixels: down to the live charts.
const HEIGHT: u32 = 6000;

/// Where pictures of the page go, to be looked at.
fn keep(name: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(name), bytes).expect("written");
}

#[test]
fn the_page_asks_for_nothing_and_complains_of_nothing() {
    let Some(mut browser) = Browser::start("the_page_asks_for_nothing_and_complains_of_nothing") else { return };
    let place = Place::new();
    for text in [web_shop(), nasty()] {
        report(&place, &text, "--histories 300");
        let file = place.path("out/report.html");
        browser.open(&file, 1280);
        browser.value("scrollTo(0, document.body.scrollHeight)");
        let (requests, complaints) = browser.requests_and_complaints();
        assert_eq!(requests, [format!("file://{}", file.display())]);
        assert_eq!(complaints, Vec::<String>::new());
        assert_eq!(browser.value("document.querySelectorAll('img, b').length"), 0);
    }
    assert_eq!(browser.value("document.querySelector('h1').textContent"), NASTY[0]);
    assert_eq!(browser.value("document.querySelector('.lead').textContent"), NASTY[1]);
    let chips = browser.value("[...document.querySelectorAll('.live button')].slice(0, 2).map((b) => b.textContent)");
    assert_eq!(chips, json!([NASTY[4], NASTY[1]]));
}

#[test]
fn the_controls_do_what_they_say() {
    let Some(mut browser) = Browser::start("the_controls_do_what_they_say") else { return };
    let place = Place::new();
    let html = report(&place, &web_shop(), "--histories 300");
    browser.open(&place.path("out/report.html"), 1280);
    let lines = "[...document.querySelectorAll('figure[data-live]')].map((f) => f.querySelectorAll('.series').length)";
    assert_eq!(browser.value(lines), json!([6, 6, 6, 6]));
    assert_eq!(browser.value("document.querySelectorAll('.is-live > .static').length"), 4);
    let seen = "[...document.querySelectorAll('.is-live > .static')].filter((s) => s.getClientRects().length).length";
    assert_eq!(browser.value(seen), 0, "static charts beside live ones");

    // Each strategy has the shape and the dashes of the static charts, in the key and on its curve.
    let looks = "JSON.stringify([...document.querySelectorAll('figure[data-live]')].map((f) => data().map((_, k) => { \
                 const of = (s) => s && [s.tagName, (s.getAttribute('points') ?? '').split(' ').length, \
                   new Set((s.getAttribute('points') ?? '').split(' ').map((p) => p.split(',')[0])).size, s.style.fill === s.style.stroke]; \
                 const key = f.querySelectorAll('.group .swatch')[k], line = f.querySelector(`.series[data-strategy='${k}']`); \
                 return [of(key.lastChild), of(f.querySelector(`.symbol[data-strategy='${k}']`)), \
                   [...key.querySelectorAll('line')].map((l) => l.getAttribute('stroke-dasharray').split(' ').length).join(), \
                   String(line.getAttribute('stroke-dasharray').split(' ').length)]; })))"
        .replace("data()", "JSON.parse(document.getElementById('data').textContent).strategies");
    let looks: Value = serde_json::from_str(browser.value(&looks).as_str().expect("text")).expect("JSON");
    for figure in looks.as_array().expect("figures") {
        let of: Vec<&Value> = figure.as_array().expect("strategies").iter().collect();
        assert!(of.iter().all(|look| look[0] == look[1] && look[2] == look[3]), "{figure}");
        let different: std::collections::BTreeSet<String> = of.iter().map(|look| look[1].to_string()).collect();
        assert_eq!(different.len(), 6, "{figure}");
    }

    // A strategy goes in every chart, and comes back.
    let press = "document.querySelector('figure[data-live=rpo] button[aria-pressed]').click()";
    browser.value(press);
    assert_eq!(browser.value(lines), json!([5, 5, 5, 5]));
    let pressed =
        "[...document.querySelectorAll('.controls .group')].map((g) => g.firstChild.getAttribute('aria-pressed'))";
    assert_eq!(browser.value(pressed), json!(["false", "false", "false", "false"]));
    browser.value(press);
    assert_eq!(browser.value(lines), json!([6, 6, 6, 6]));

    // Logarithmic and linear axes have other ticks and another line.
    let axis = "(() => { const f = document.querySelector('figure[data-live=rto]'); return { name: f.querySelector('.scale').textContent, \
                ticks: [...f.querySelectorAll('.x-tick')].map((t) => t.textContent), line: f.querySelector('.series').getAttribute('points') }; })()";
    let logarithmic = browser.value(axis);
    browser.value("document.querySelector('figure[data-live=rto] .scale').click()");
    let linear = browser.value(axis);
    assert_eq!((&logarithmic["name"], &linear["name"]), (&json!("Axes: logarithmic"), &json!("Axes: linear")));
    assert!(logarithmic["ticks"] != linear["ticks"] && logarithmic["line"] != linear["line"]);
    assert_eq!(linear["ticks"][0], "0");
    let even: Vec<f64> = serde_json::from_value(browser.value(
        "[...document.querySelectorAll('figure[data-live=rto] .x-tick')].map((t) => Number(t.getAttribute('x')))",
    ))
    .expect("numbers");
    assert!(even.windows(3).all(|w| (w[2] - 2.0 * w[1] + w[0]).abs() < 0.01), "{even:?}");

    // A hazard has its own curves and its own objective.
    browser.value(
        "(() => { const s = document.querySelector('figure[data-live=rto] select'); s.value = [...s.options].find((o) => o.text === 'ransomware').value; \
         s.dispatchEvent(new Event('change')); })()",
    );
    let mark = "document.querySelector('figure[data-live=rto] .halo').textContent";
    assert_eq!(browser.value(mark), "RTO 1 d");
    assert!(
        browser
            .value("document.querySelector('figure[data-live=rto] h4').textContent")
            .as_str()
            .is_some_and(|text| text.starts_with("ransomware: "))
    );

    // The slider: at each end the cheapest strategy is the one of the table, and the marker moves with it.
    let table = html.split("The cheapest strategy by the cost of an hour of downtime").nth(2).expect("the table");
    let names: Vec<&str> =
        between(table.split("</table>").next().expect("its end"), "<th scope=\"row\">", "</th>").collect();
    assert!(names.len() > 2, "{names:?}");
    let out = "document.getElementById('cheapest').textContent";
    let mark = "[...document.querySelectorAll('figure[data-live=cost_curve] .mark')].pop().getAttribute('x1')";
    let slide = |browser: &mut Browser, to: &str| {
        browser.value(&format!(
            "(() => {{ const s = document.getElementById('price'); s.value = '{to}'; s.dispatchEvent(new Event('input')); }})()"
        ));
        (browser.value(out).as_str().unwrap_or("").to_owned(), browser.value(mark))
    };
    let (low, low_mark) = slide(&mut browser, "0");
    let (high, high_mark) = slide(&mut browser, "1000");
    assert!(low.contains(&format!(" {} is cheapest", names[0])), "{low}, not {names:?}");
    assert!(high.contains(&format!(" {} is cheapest", names[names.len() - 1])), "{high}, not {names:?}");
    assert!(low_mark != high_mark && low_mark.is_string());
    // At the scenario's own price the script and the tables say the same cost.
    browser.open(&place.path("out/report.html"), 1280);
    let own = browser.value(out).as_str().unwrap_or("").to_owned();
    let costs = html.split("Cost a year</th>").nth(1).and_then(|row| row.split("</tr>").next()).expect("the row");
    let cheapest = own.split(" is cheapest: ").nth(1).and_then(|rest| rest.split(" a year").next()).expect("a cost");
    assert!(between(costs, "<td>", "</td>").any(|cost| cost == cheapest), "{cheapest} is not in {costs}");

    // Reading by keyboard and by pointer.
    let svg = "document.querySelector('figure[data-live=exceedance] .plot')";
    browser
        .value(&format!("{svg}.focus(), {svg}.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'ArrowRight' }}))"));
    let reading = "document.querySelector('figure[data-live=exceedance] .reading').textContent";
    let one = browser.value(reading);
    assert!(one.as_str().is_some_and(|text| text.starts_with("More than ") && text.contains('%')), "{one}");
    browser.value(&format!(
        "{svg}.dispatchEvent(new PointerEvent('pointermove', {{ clientX: {svg}.getBoundingClientRect().left + 100, bubbles: true }}))"
    ));
    assert_ne!(browser.value(reading), one);
    assert_eq!(browser.requests_and_complaints().1, Vec::<String>::new());
}

#[test]
fn without_scripts_the_static_charts_are_there() {
    let Some(mut browser) = Browser::start("without_scripts_the_static_charts_are_there") else { return };
    let place = Place::new();
    let html = report(&place, &web_shop(), "--histories 300");
    browser.ask("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    browser.open(&place.path("out/report.html"), 1280);
    let root = browser.ask("DOM.getDocument", json!({}))["root"]["nodeId"].clone();
    let mut all = |selector: &str| {
        browser.ask("DOM.querySelectorAll", json!({ "nodeId": root, "selector": selector }))["nodeIds"].clone()
    };
    assert_eq!(all(".live"), json!([]));
    let charts = all(".static svg");
    let charts = charts.as_array().expect("a list");
    assert_eq!(charts.len(), html.matches("<svg").count() - html.matches("<svg class=\"swatch\"").count());
    assert!(charts.len() > 8, "{} charts", charts.len());
    for chart in charts {
        let size = browser.ask("DOM.getBoxModel", json!({ "nodeId": chart }))["model"].clone();
        assert!(size["width"].as_f64() > Some(600.0) && size["height"].as_f64() > Some(150.0), "{size}");
    }
    keep("no-scripts.png", &browser.picture(1280, HEIGHT));
}

/// Texts whose contrast with what is behind them is below 4.5, and those small enough to be overlooked.
const FAINT_TEXTS: &str = r#"(() => {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) => channels(colour).slice(0, 3).map((c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; })
    .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if ((channels(colour)[3] ?? 1) === 1) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const faint = [];
  let looked = 0;
  for (const element of document.querySelectorAll("body *:not(script)")) {
    if (!own(element) || !element.getClientRects().length) continue;
    looked += 1;
    const svg = element instanceof SVGElement;
    const [a, b] = [light(svg ? getComputedStyle(element).fill : getComputedStyle(element).color), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const onBar = svg && element.closest(".static");
    if (contrast < 4.5 && !onBar) faint.push(`${contrast.toFixed(2)}: ${element.textContent.trim().slice(0, 40)}`);
  }
  return { looked, faint };
})()"#;

/// What reaches beyond the right edge of a window and does not scroll.
const TOO_WIDE: &str = r#"((width) => [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > width + 1 && !e.parentElement.closest(".scroll, pre, svg, .hidden, .skip"))
  .map((e) => `${e.outerHTML.slice(0, 80)}: ${e.getBoundingClientRect().right}`))"#;

#[test]
fn the_page_is_readable_on_every_screen_and_on_paper() {
    let Some(mut browser) = Browser::start("the_page_is_readable_on_every_screen_and_on_paper") else { return };
    let place = Place::new();
    report(&place, &web_shop(), "--histories 300");
    let file = place.path("out/report.html");
    for (width, shade) in [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")] {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": shade }] });
        browser.ask("Emulation.setEmulatedMedia", features);
        browser.open(&file, width);
        assert_eq!(browser.value(&format!("{TOO_WIDE}({width})")), json!([]), "wider than {width} px");
        assert_eq!(browser.value("innerWidth"), width);
        let faint = browser.value(FAINT_TEXTS);
        assert!(faint["looked"].as_u64() > Some(500), "{}", faint["looked"]);
        assert_eq!(faint["faint"], json!([]), "{shade}, {width} px");
        let dark = browser.value("getComputedStyle(document.body).backgroundColor !== 'rgb(255, 255, 255)'");
        assert_eq!(dark, shade == "dark");
        let picture = browser.picture(width, HEIGHT);
        let mut decoder = png::Decoder::new(std::io::Cursor::new(&picture)).read_info().expect("a PNG");
        let mut pixels = vec![0; decoder.output_buffer_size().expect("not too large")];
        let info = decoder.next_frame(&mut pixels).expect("a whole PNG");
        assert_eq!((info.width, info.height), (width, HEIGHT));
        let first = &pixels[..3];
        assert!(
            pixels.chunks(3).filter(|pixel| pixel != &first).count() > 100_000,
            "hardly anything is on the picture"
        );
        keep(&format!("{width}-{shade}.png"), &picture);
    }
    // In the dark too, paper is white; a page is A4 (595 by 842 points).
    let pdf = browser.print();
    assert!(pdf.starts_with(b"%PDF"));
    let text = String::from_utf8_lossy(&pdf);
    let pages = text.matches("/Type /Page\n").count();
    assert!((8..60).contains(&pages), "{pages} pages");
    assert!(text.contains("/MediaBox [0 0 594.95996 841.91998]"), "not A4");
    keep("a4.pdf", &pdf);
    assert_eq!(browser.requests_and_complaints().1, Vec::<String>::new());
}
