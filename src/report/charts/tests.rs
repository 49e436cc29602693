use proptest::prelude::*;

use super::*;

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
        })
        .collect();
    curves.push(Curve { series: series("Active/active", 4), steps: lognormal(168.0, 0.4, 0.97), met: None });
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
    let zeros = |k| Curve { series: series(&format!("Strategy {k}"), k), steps: vec![(0.0, 1.0)], met: None };
    let long = "A strategy with a very long title that nobody would give to a strategy, would they";
    let many = (0..8).map(|k| Curve {
        series: series(&format!("Strategy number {k}"), k),
        steps: lognormal(60.0 * 3f64.powi(k as i32), 0.5, 1.0 - 0.03 * k as f64),
        met: None,
    });
    let mixed = vec![
        Curve {
            series: series("Synchronous", 0),
            steps: vec![(0.0, 0.8), (40.0, 0.9), (86_400.0 * 3.0, 1.0)],
            met: None,
        },
        Curve { series: series(long, 1), steps: lognormal(20.0, 1.0, 0.9), met: None },
    ];
    vec![
        ("example", distribution(&example())),
        ("zeros", distribution(&with((0..3).map(zeros).collect(), Some(300.0)))),
        (
            "one",
            distribution(&with(
                vec![Curve { series: series("Only", 0), steps: lognormal(60.0, 1.0, 1.0), met: None }],
                None,
            )),
        ),
        ("eight", distribution(&with(many.collect(), Some(3600.0)))),
        (
            "infinite",
            distribution(&with(vec![Curve { series: series("Lost", 0), steps: vec![], met: None }], Some(0.0))),
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
        idle: vec!["waiting".into()],
    }
}

fn intervals(strategies: usize) -> Quantiles {
    let row = |k: usize| {
        let value = |name: &str, factor: f64| {
            let value = if k == 6 {
                f64::INFINITY
            } else if k == 7 {
                0.0
            } else {
                9000.0 * factor / 3f64.powi(k as i32)
            };
            QuantileValue { name: name.into(), value, low: value * 0.9, high: value * (1.0 + 0.1 * factor) }
        };
        let mut values = vec![value("p50", 1.0), value("p95", 3.0), value("p99", 6.0)];
        if k == 3 {
            values[2].value = f64::NAN;
        }
        QuantileRow { series: series(TITLES[k], k), values }
    };
    let rows = (0..strategies).map(row).collect();
    Quantiles { quantity: Quantity::RecoveryTime, subtitle: "10,000 histories".into(), rows, objective: Some(3600.0) }
}

#[test]
fn the_same_data_give_the_same_bytes() {
    let (first, second) = (distribution(&example()), distribution(&example()));
    assert_eq!(first.svg(), second.svg());
    assert_eq!(first.png(), second.png());
}

#[test]
fn no_text_lies_over_another_or_beyond_the_edge() {
    for (name, canvas) in extremes() {
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
        let distributed = points().map(|(series, steps)| Curve { series, steps, met: None }).collect();
        let cost = |(a, b): &(f64, f64)| CostPoint { downtime_per_hour: *a, mean: *b, p5: b / 2.0, p95: b * 2.0 };
        let priced = points().map(|(series, p)| CostCurve { series, points: p.iter().map(cost).collect() }).collect();
        let first = |p: &[(f64, f64)]| p.first().copied().unwrap_or((0.0, 0.0));
        let placed = points().map(|(series, p)| FrontierPoint { series, rto_p95: first(&p).0, cost: first(&p).1 });
        let value = |(a, b): &(f64, f64)| QuantileValue { name: "p95".into(), value: *a, low: *b, high: a + b };
        let rows = points().map(|(series, p)| QuantileRow { series, values: p.iter().map(value).collect() });
        let quantity = Quantity::RecoveryTime;
        let charts = [
            distribution(&Distribution { quantity, subtitle: subtitle.clone(), curves: distributed, objective, attainment }),
            cost_curves(&CostCurves { currency: currency.clone(), subtitle: subtitle.clone(), curves: priced, own: objective }),
            exceedance(&Exceedance { currency: currency.clone(), subtitle: subtitle.clone(), curves: points().collect() }),
            frontier(&Frontier { currency, subtitle: subtitle.clone(), points: placed.collect(), objective }),
            quantiles(&Quantiles { quantity, subtitle, rows: rows.collect(), objective }),
        ];
        let painted = objective.is_some_and(|objective| objective > 0.0 && objective < 1e3);
        for canvas in charts {
            // A picture takes longer.
            prop_assert!(!painted || canvas.png().len() > 1000);
            prop_assert!(canvas.svg().ends_with("</svg>\n"));
        }
    }
}
