use proptest::prelude::*;

use super::*;
use crate::summary::Figure;

fn series(title: &str, index: usize) -> Series {
    Series { title: title.into(), index }
}

/// A lognormal distribution function in 400 steps.
fn lognormal(median: f64, sigma: f64, total: f64) -> Vec<(f64, f64)> {
    let steps = (0..=400).map(|k| {
        let z = -4.0 + 8.0 * f64::from(k) / 400.0;
        (median * (sigma * z).exp(), total * 0.5 * statrs::function::erf::erfc(-z / 2f64.sqrt()))
    });
    steps.collect()
}

fn example() -> Distribution {
    let minutes = [("Backup and restore", 201.0, 0.4), ("Pilot light", 27.0, 0.35), ("Warm standby, 25%", 13.0, 0.3)];
    let mut curves: Vec<Curve> = minutes
        .iter()
        .chain(&[("Hot standby", 9.0, 0.3)])
        .enumerate()
        .map(|(k, (title, p50, sigma))| Curve {
            series: series(title, k),
            steps: lognormal(p50 * 60.0, *sigma, 1.0),
            met: None,
            p95: None,
        })
        .collect();
    curves.push(Curve { series: series("Active/active", 4), steps: lognormal(168.0, 0.4, 0.97), met: None, p95: None });
    Distribution {
        quantity: Quantity::RecoveryTime,
        subtitle: "10,000 histories of 10 y, seed 1".into(),
        curves,
        objective: Some(3600.0),
        attainment: 0.95,
    }
}

fn with(curves: Vec<Curve>, objective: Option<f64>) -> Distribution {
    Distribution { quantity: Quantity::DataLoss, subtitle: "Extreme input".into(), curves, objective, attainment: 0.99 }
}

fn extremes() -> Vec<(&'static str, Canvas)> {
    let zeros =
        |k| Curve { series: series(&format!("Strategy {k}"), k), steps: vec![(0.0, 1.0)], met: None, p95: None };
    let long = "A strategy with a very long title that nobody would give to a strategy, would they";
    let many = (0..8).map(|k| Curve {
        series: series(&format!("Strategy number {k}"), k),
        steps: lognormal(60.0 * 3f64.powi(k as i32), 0.5, 1.0 - 0.03 * k as f64),
        met: None,
        p95: None,
    });
    let mixed = vec![
        Curve {
            series: series("Synchronous", 0),
            steps: vec![(0.0, 0.8), (40.0, 0.9), (86_400.0 * 3.0, 1.0)],
            met: None,
            p95: None,
        },
        Curve { series: series(long, 1), steps: lognormal(20.0, 1.0, 0.9), met: None, p95: None },
    ];
    vec![
        ("example", distribution(&example())),
        ("zeros", distribution(&with((0..3).map(zeros).collect(), Some(300.0)))),
        (
            "one",
            distribution(&with(
                vec![Curve { series: series("Only", 0), steps: lognormal(60.0, 1.0, 1.0), met: None, p95: None }],
                None,
            )),
        ),
        ("eight", distribution(&with(many.collect(), Some(3600.0)))),
        (
            "infinite",
            distribution(&with(
                vec![Curve { series: series("Lost", 0), steps: vec![], met: None, p95: None }],
                Some(0.0),
            )),
        ),
        ("nothing", distribution(&with(vec![], None))),
        ("mixed", distribution(&with(mixed, Some(0.0)))),
        ("cost", cost_curves(&costs(5, 60_000.0))),
        ("cost-eight", cost_curves(&costs(8, 60_000.0))),
        ("cost-zero", cost_curves(&costs(2, 0.0))),
        ("exceedance", exceedance(&losses(5))),
        ("exceedance-none", exceedance(&losses(0))),
        ("frontier", frontier(&points(5, false))),
        ("frontier-eight", frontier(&points(8, true))),
        ("frontier-same", frontier(&same())),
        ("by-hazard", by_hazard(&hazards(5, 5))),
        ("by-hazard-eight", by_hazard(&hazards(8, 8))),
        ("by-hazard-three", by_hazard(&hazards(3, 2))),
        ("by-hazard-none", by_hazard(&hazards(0, 0))),
        ("phases-by-hazard", phases_by_hazard(&parts_by_hazard(5, 5))),
        ("phases-by-hazard-eight", phases_by_hazard(&parts_by_hazard(8, 3))),
        ("phases-by-hazard-none", phases_by_hazard(&parts_by_hazard(0, 0))),
        ("gains", gains(&levers(5))),
        ("gains-eight", gains(&levers(8))),
        ("gains-none", gains(&levers(0))),
        ("phases", phases(&parts(5))),
        ("phases-eight", phases(&parts(8))),
        ("phases-none", phases(&parts(0))),
        ("quantiles", quantiles(&intervals(5))),
        ("quantiles-eight", quantiles(&intervals(8))),
        ("quantiles-none", quantiles(&intervals(0))),
        ("gantt", gantt(&course(6))),
        ("gantt-many", gantt(&course(24))),
        ("gantt-none", gantt(&course(0))),
    ]
}

const TITLES: [&str; 8] = [
    "Backup and restore",
    "Pilot light",
    "Warm standby, 25%",
    "Hot standby",
    "Active/active",
    "Warm standby, 60%",
    "A custom runbook with a title beyond reason",
    "Synchronous",
];

fn costs(strategies: usize, own: f64) -> CostCurves {
    let curve = |k: usize| {
        let (fixed, hours) = (1e5 * (1.0 + k as f64).powf(1.3), 4.0 / 3f64.powi(k as i32));
        let points = (0..=60).map(|j| {
            let price = own / 31.6 * 10f64.powf(f64::from(j) / 20.0);
            let mean = fixed + hours * price;
            CostPoint { downtime_per_hour: price, mean, p5: fixed, p95: fixed + 4.0 * hours * price }
        });
        CostCurve { series: series(TITLES[k], k), points: points.collect() }
    };
    let (currency, subtitle) = ("USD".into(), "10,000 histories of 10 y, seed 1".into());
    CostCurves { currency, subtitle, curves: (0..strategies).map(curve).collect(), own: Some(own) }
}

/// An incident with that many steps, one of which fails, mends, waits and rests.
fn course(steps: usize) -> Gantt {
    let long = "a-step-whose-name-goes-on-and-on-beyond-all-reason";
    let kinds = [BarKind::Work, BarKind::Waits, BarKind::Mends, BarKind::Rests, BarKind::Work];
    let row = |k: usize| {
        let from = 300.0 * k as f64;
        let bar = |j: usize| Bar { from: from + 60.0 * j as f64, to: from + 60.0 * (j + 1) as f64, kind: kinds[j] };
        let name = if k == 1 { long.to_string() } else { format!("step-{k}") };
        Row { name, critical: k.is_multiple_of(2), bars: (0..5).map(bar).collect(), failed: vec![from + 200.0] }
    };
    let down = Bar { from: 0.0, to: 1e7, kind: BarKind::Down };
    let component = Row { name: "primary.data-plane".into(), critical: false, bars: vec![down], failed: vec![] };
    let end = 300.0 * steps as f64 + 60.0;
    Gantt {
        title: "Pilot light, region-event: service back after 30 min, 2 min of data lost; objectives met".into(),
        subtitle: "Web shop, history 12, incident 3 of 7".into(),
        shown: (-0.04 * end, 1.06 * end),
        rows: std::iter::once(component).chain((0..steps).map(row)).collect(),
        served: vec![(-1e9, 1.0), (0.0, 1.0), (0.0, 0.0), (end * 0.8, 0.0), (end * 0.8, 0.25), (end, 1.0), (1e9, 1.0)],
        required: 0.8,
        restored: (steps > 0).then_some(end * 0.95),
        objective: Some(end * 0.9),
    }
}

fn losses(strategies: usize) -> Exceedance {
    let curve = |k: usize| {
        let base = 2e5 * (1.0 + k as f64);
        let points = (0..300).map(|j| (base * 1.03f64.powi(j), 0.5 * 0.96f64.powi(j)));
        (series(TITLES[k], k), points.collect())
    };
    let (currency, subtitle) = ("EUR".into(), "100,000 years".into());
    Exceedance { currency, subtitle, curves: (0..strategies).map(curve).collect() }
}

fn points(strategies: usize, extreme: bool) -> Frontier {
    let point = |k: usize| FrontierPoint {
        series: series(TITLES[k], k),
        rto_p95: if extreme && k == 6 {
            f64::INFINITY
        } else if extreme && k == 7 {
            0.0
        } else {
            24_000.0 / 3f64.powi(k as i32)
        },
        cost: if k == 2 { 9e5 } else { 2e5 + 1e5 * k as f64 },
    };
    let points = (0..strategies).map(point).collect();
    Frontier { currency: "USD".into(), subtitle: "10,000 histories".into(), points, objective: Some(3600.0) }
}

fn same() -> Frontier {
    let points = (0..8).map(|k| FrontierPoint { series: series(TITLES[k], k), rto_p95: 60.0, cost: 0.0 });
    Frontier { currency: "USD".into(), subtitle: String::new(), points: points.collect(), objective: None }
}

fn parts(strategies: usize) -> Phases {
    let steps =
        ["detect", "decide", "provision-infrastructure", "restore-data", "deploy", "validate", "shift", "waiting"];
    let bar = |k: usize| {
        let parts = steps
            .iter()
            .enumerate()
            .map(|(j, step)| (step.to_string(), ((j * 7 + k) % 9) as f64 * 400.0 / (k + 1) as f64));
        (series(TITLES[k], k), parts.collect())
    };
    Phases {
        subtitle: "10,000 histories".into(),
        bars: (0..strategies).map(bar).collect(),
        idle: vec![Idle { name: "waiting".into(), shade: Some(0), hatched: true }],
        steps: Vec::new(),
    }
}

fn intervals(strategies: usize) -> Quantiles {
    let row = |k: usize| {
        let value = |factor: f64| {
            let value = match k {
                6 => f64::INFINITY,
                7 => 0.0,
                _ => 9000.0 * factor / 3f64.powi(k as i32),
            };
            Some(Figure { value, ci_low: Some(value * 0.9), ci_high: Some(value * (1.0 + 0.1 * factor)) })
        };
        let mut values = [0.2, 0.6, 1.0, 1.7, 3.0, 6.0].map(value);
        if k == 3 {
            values[5] = None;
        }
        QuantileRow { series: series(TITLES[k], k), values }
    };
    let rows = (0..strategies).map(row).collect();
    Quantiles { quantity: Quantity::RecoveryTime, subtitle: "10,000 histories".into(), rows, objective: Some(3600.0) }
}

fn hazards(strategies: usize, count: usize) -> ByHazard {
    let curve = |k: usize, hazard: usize| Curve {
        series: series(TITLES[k], k),
        steps: if hazard == 3 { vec![] } else { lognormal(60.0 * 3f64.powi((k + hazard) as i32 % 7), 0.5, 1.0) },
        met: (k == 2).then_some(Figure { value: 0.96, ci_low: Some(0.9), ci_high: Some(0.99) }),
        p95: None,
    };
    let panel = |hazard: usize| Panel {
        title: format!("Hazard {hazard}, with a title that goes on for longer than its picture is wide"),
        incidents: 10_u64.pow(hazard as u32),
        curves: (0..strategies).map(|k| curve(k, hazard)).collect(),
        objective: (hazard != 1).then_some(3600.0),
        attainment: 0.95,
    };
    let panels = (0..count).map(panel).collect();
    ByHazard { quantity: Quantity::RecoveryTime, subtitle: "10,000 histories".into(), panels }
}

fn parts_by_hazard(strategies: usize, count: usize) -> PhasesByHazard {
    let panel = |k: usize| (format!("Hazard {k} with a long title {}", "on".repeat(k * 9)), 7, parts(strategies).bars);
    let panels = (0..count).map(panel).collect();
    PhasesByHazard { subtitle: "10,000 histories".into(), panels, idle: parts(0).idle, steps: vec!["shift".into()] }
}

fn levers(strategies: usize) -> Gains {
    let row = |k: usize| {
        let p95 = if k == 6 { f64::INFINITY } else { 40_000.0 / 2f64.powi(k as i32) };
        let part = |j: usize| (format!("part-{j}-with-a-long-name-that-goes-on"), p95 * 0.3 * j as f64);
        Gain { series: series(TITLES[k], k), p95, without: (0..if k == 3 { 0 } else { 5 }).map(part).collect() }
    };
    let rows = (0..strategies).map(row).collect();
    Gains { subtitle: "10,000 histories".into(), rows, objective: Some(3600.0) }
}

/// Titles as long as anybody would make them.
fn long(k: usize) -> Series {
    series(&format!("{k} Warm standby at sixty percent in another country, with rehearsals every month"), k)
}

fn with_long_titles(strategies: usize) -> Vec<Canvas> {
    let (mut curves, mut cost, mut loss) =
        (hazards(strategies, 1).panels.remove(0).curves, costs(strategies, 6e4), losses(strategies));
    let (mut quantile, mut phase, mut frontier_) =
        (intervals(strategies), parts(strategies), points(strategies, false));
    let mut hazards = hazards(strategies, 5);
    let (mut divided, mut levers) = (parts_by_hazard(strategies, 5), levers(strategies));
    for (k, curve) in curves.iter_mut().enumerate() {
        curve.series = long(k);
        cost.curves[k].series = long(k);
        loss.curves[k].0 = long(k);
        quantile.rows[k].series = long(k);
        phase.bars[k].0 = long(k);
        frontier_.points[k].series = long(k);
        levers.rows[k].series = long(k);
        hazards.panels.iter_mut().for_each(|panel| panel.curves[k].series = long(k));
        divided.panels.iter_mut().for_each(|panel| panel.2[k].0 = long(k));
    }
    vec![
        distribution(&with(curves, Some(3600.0))),
        by_hazard(&hazards),
        quantiles(&quantile),
        phases(&phase),
        phases_by_hazard(&divided),
        gains(&levers),
        cost_curves(&cost),
        exceedance(&loss),
        frontier(&frontier_),
    ]
}

/// Lightness and the two colour axes of CIE Lab (D65) of a colour, seen through a matrix on linear RGB.
fn lab(colour: (u8, u8, u8), seen: [[f64; 3]; 3]) -> [f64; 3] {
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    let rgb = [colour.0, colour.1, colour.2].map(linear);
    let times = |rows: [[f64; 3]; 3], v: [f64; 3]| rows.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum::<f64>());
    let rgb = times(seen, rgb).map(|c| c.clamp(0.0, 1.0));
    let [x, y, z] = times([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], rgb);
    let f = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let [x, y, z] = [x / 0.950_47, y, z / 1.088_83].map(f);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// Machado, Oliveira and Fernandes (2009), "A Physiologically-based Model for Simulation of Color Vision Deficiency", at
/// full severity: none, protanopia, deuteranopia, tritanopia.
const VISION: [[[f64; 3]; 3]; 4] = [
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
    [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
    [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
];

#[test]
fn any_two_strategies_are_told_apart_by_all_eyes_and_in_grey() {
    use frame::{DASHES, PALETTE, WHITE};
    for k in 0..PALETTE.len() {
        let lightness = |colour| lab(colour, VISION[0])[0];
        // A mark stands out from white by 3 to 1 (WCAG 2.2, 1.4.11).
        let luminance = |colour| ((lightness(colour) + 16.0) / 116.0_f64).powi(3);
        assert!((luminance(WHITE) + 0.05) / (luminance(PALETTE[k]) + 0.05) >= 3.0, "colour {k} is faint");
        for other in 0..k {
            for (vision, least) in VISION.into_iter().zip([23.0, 23.0, 23.0, 14.0]) {
                let (a, b) = (lab(PALETTE[k], vision), lab(PALETTE[other], vision));
                let distance = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                assert!(distance >= least, "{k} and {other}: {distance}");
            }
            let grey = (lightness(PALETTE[k]) - lightness(PALETTE[other])).abs();
            assert!(grey >= 4.0 && DASHES[k] != DASHES[other], "{k} and {other} in grey: {grey}");
        }
    }
    // In three, the usual number, greys alone tell them apart.
    let greys = [0, 1, 2].map(|k| lab(PALETTE[k], VISION[0])[0]);
    assert!((greys[0] - greys[1]).abs() >= 10.0 && (greys[1] - greys[2]).abs() >= 10.0);
}

#[test]
fn a_picture_says_what_it_shows_to_those_who_cannot_see_it() {
    let mut data = example();
    data.curves.truncate(1);
    data.curves[0].series.title = "pilot <light>".into();
    let svg = distribution(&data).svg();
    assert!(svg.contains("role=\"img\"") && svg.contains("<title>Pilot &lt;light&gt; meets the RTO of 1 h"), "{svg}");
}

#[test]
fn the_same_data_give_the_same_bytes() {
    let (first, second) = (distribution(&example()), distribution(&example()));
    assert_eq!(first.svg(), second.svg());
    assert_eq!(first.png(), second.png());
}

#[test]
fn no_text_lies_over_another_or_beyond_the_edge() {
    let long = [3, 5, 8].into_iter().flat_map(with_long_titles).map(|canvas| ("long titles", canvas));
    for (name, canvas) in extremes().into_iter().chain(long) {
        let (width, height) = canvas.size();
        let boxes = canvas.text_boxes();
        for (k, (text, [left, top, right, bottom])) in boxes.iter().enumerate() {
            assert!(*left >= 0.0 && *top >= 0.0 && *right <= width && *bottom <= height, "{name}: {text:?} is cut");
            for (other, b) in &boxes[..k] {
                let apart = *right <= b[0] || b[2] <= *left || *bottom <= b[1] || b[3] <= *top;
                assert!(apart, "{name}: {text:?} lies over {other:?}");
            }
        }
    }
}

/// Writes the pictures where somebody can look at them: `cargo test charts -- --ignored`.
#[test]
#[ignore = "for looking at"]
fn gallery() {
    let folder = std::env::temp_dir().join("drsim-gallery");
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    for (name, canvas) in extremes() {
        std::fs::write(folder.join(format!("{name}.png")), canvas.png()).expect("written");
        std::fs::write(folder.join(format!("{name}.svg")), canvas.svg()).expect("written");
    }
    for strategies in [3, 8] {
        for (k, canvas) in with_long_titles(strategies).into_iter().enumerate() {
            std::fs::write(folder.join(format!("long-{strategies}-{k}.png")), canvas.png()).expect("written");
        }
    }
}

/// Any number, the strange ones often.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => -1e3..1e9f64,
        1 => prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 5e-324, 1.0]),
        1 => any::<f64>(),
    ]
}

fn pairs() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((number(), prop_oneof![0.0..1.0f64, number()]), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_input_makes_a_chart_panic(
        curves in prop::collection::vec((".{0,40}", pairs()), 0..10),
        objective in prop::option::of(number()),
        attainment in 0.0..=1.0f64,
    ) {
        let subtitle = String::from("any");
        let series: Vec<Series> = curves.iter().enumerate().map(|(k, (title, _))| self::series(title, k)).collect();
        let points = || series.iter().cloned().zip(curves.iter().map(|(_, points)| points.clone()));
        let currency = String::from("\u{1}<&\"");
        let distributed = || points().map(|(series, steps)| Curve { series, steps, met: None, p95: None }).collect::<Vec<_>>();
        let cost = |(a, b): &(f64, f64)| CostPoint { downtime_per_hour: *a, mean: *b, p5: b / 2.0, p95: b * 2.0 };
        let priced = points().map(|(series, p)| CostCurve { series, points: p.iter().map(cost).collect() }).collect();
        let first = |p: &[(f64, f64)]| p.first().copied().unwrap_or((0.0, 0.0));
        let placed = points().map(|(series, p)| FrontierPoint { series, rto_p95: first(&p).0, cost: first(&p).1 });
        let figure = |(a, b): &(f64, f64)| Figure { value: *a, ci_low: Some(*b), ci_high: Some(a + b) };
        let values = |p: &[(f64, f64)]| std::array::from_fn(|k| p.get(k).map(figure));
        let rows = points().map(|(series, p)| QuantileRow { series, values: values(&p) });
        let panel = |k: u64| Panel { title: "\u{1}".into(), incidents: k, curves: distributed(), objective, attainment };
        let part = |(a, b): &(f64, f64)| (format!("{b}"), *a);
        let flipped = |(a, b): &(f64, f64)| (format!("{b}"), *a);
        let gain = |(series, p): (Series, Vec<(f64, f64)>)| Gain { series, p95: first(&p).0, without: p.iter().map(flipped).collect() };
        let rows_of_gains = points().map(gain);
        let bars = || points().map(|(series, p)| (series, p.iter().map(part).collect())).collect::<Vec<_>>();
        let quantity = Quantity::RecoveryTime;
        let charts = [
            distribution(&Distribution { quantity, subtitle: subtitle.clone(), curves: distributed(), objective, attainment }),
            cost_curves(&CostCurves { currency: currency.clone(), subtitle: subtitle.clone(), curves: priced, own: objective }),
            exceedance(&Exceedance { currency: currency.clone(), subtitle: subtitle.clone(), curves: points().collect() }),
            frontier(&Frontier { currency, subtitle: subtitle.clone(), points: placed.collect(), objective }),
            quantiles(&Quantiles { quantity, subtitle: subtitle.clone(), rows: rows.collect(), objective }),
            by_hazard(&ByHazard { quantity, subtitle: subtitle.clone(), panels: (0..3).map(panel).collect() }),
            gains(&Gains { subtitle: subtitle.clone(), rows: rows_of_gains.collect(), objective }),
            phases(&Phases { subtitle: subtitle.clone(), bars: bars(), idle: vec![Idle { name: "0".into(), shade: None, hatched: true }], steps: vec![] }),
            phases_by_hazard(&PhasesByHazard { subtitle, panels: vec![("\u{1}".into(), 1, bars())], idle: vec![], steps: vec![] }),
        ];
        let painted = objective.is_some_and(|objective| objective > 0.0 && objective < 1e3);
        for canvas in charts {
            // A picture takes longer.
            prop_assert!(!painted || canvas.png().len() > 1000);
            prop_assert!(canvas.svg().ends_with("</svg>\n"));
        }
    }
}
