use drsim::{engine::Engine, outcome::*, scenario::*};
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let set: Vec<String> = std::env::args().skip(2).collect();
    let source = Source { name: &path, text: &text };
    let read = match read(&source, &Options { set: &set, ..Options::default() }) {
        Ok(r) => r,
        Err(e) => {
            println!("{}", render(&source, &set, &e, Severity::Error, false));
            return;
        }
    };
    println!("{}", render(&source, &set, &read.warnings, Severity::Warning, false));
    let e = Engine::new(&read.scenario);
    let mut w = e.worker();
    let n = read.scenario.strategies.len();
    let h = read.scenario.hazards.len();
    let mut rto = vec![vec![vec![]; h]; n];
    let mut rpo = rto.clone();
    let mut ended = vec![vec![[0usize; 5]; h]; n];
    let mut down = vec![0.0; n];
    let t = std::time::Instant::now();
    for k in 0..read.scenario.run.histories {
        for (s, o) in w.history(k).iter().enumerate() {
            down[s] += o.downtime.hours();
            for i in &o.incidents {
                rto[s][i.hazard].push(i.rto.seconds() / 60.0);
                rpo[s][i.hazard].push(i.rpo.seconds());
                ended[s][i.hazard][Ended::ALL.iter().position(|e| *e == i.ended).unwrap()] += 1;
            }
        }
    }
    println!("{:?} per history", t.elapsed() / read.scenario.run.histories as u32);
    for s in 0..n {
        println!(
            "{} downtime h/y {:.3}",
            read.scenario.strategies[s].name,
            down[s] / read.scenario.run.histories as f64 / read.scenario.run.horizon.years()
        );
        for k in 0..h {
            let mut r = rto[s][k].clone();
            let mut p = rpo[s][k].clone();
            if r.is_empty() {
                continue;
            }
            r.sort_by(f64::total_cmp);
            p.sort_by(f64::total_cmp);
            let q = |v: &Vec<f64>, x: f64| v[((v.len() as f64 * x) as usize).min(v.len() - 1)];
            println!(
                "  {:24} n {:6} rto p50 {:8.1} p95 {:8.1} p99 {:8.1} min  rpo p50 {:9.1} p95 {:9.1} s  {:?}",
                read.scenario.hazards[k].name,
                r.len(),
                q(&r, 0.5),
                q(&r, 0.95),
                q(&r, 0.99),
                q(&p, 0.5),
                q(&p, 0.95),
                ended[s][k]
            );
        }
    }
}
