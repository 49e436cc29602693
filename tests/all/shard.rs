//! A run in parts and put together, and a run repeated from its record: byte for byte the run in one piece.

use crate::program::Place;

/// Runs every shard of small.toml, and says how the folders are called.
fn shards(place: &Place, of: u32, options: &str) -> String {
    let folders: Vec<String> = (1..=of).rev().map(|number| format!("s{number}of{of}")).collect();
    for (folder, number) in folders.iter().zip((1..=of).rev()) {
        let threads = 1 + number % 3;
        let run = format!("run small.toml {options} --shard {number}/{of} --threads {threads} --out {folder}");
        place.drsim(&run).with(0).prints(&format!("Shard {number} of {of}"));
    }
    folders.join(" ")
}

#[test]
fn merged_shards_are_the_run_in_one_piece() {
    for options in [
        "--histories 600 --raw",
        "--histories 40 --no-charts --only hot-standby",
        "--histories 11 --seed 9 --baseline hot-standby",
    ] {
        let place = Place::new();
        let charts = if options.contains("--no-charts") { "--no-charts" } else { "" };
        let whole = place.drsim(&format!("run small.toml {options} --quiet --out whole")).with(0);
        for of in [1, 2, 3, 8, 13] {
            let folders = shards(&place, of, options);
            let merged = place.drsim(&format!("merge {folders} {charts} --quiet --out merged")).with(0);
            assert_eq!(merged.stdout, whole.stdout, "{of} shards, {options}");
            assert!(place.files("merged") == place.files("whole"), "{of} shards, {options}: the files differ");
        }
    }
}

#[test]
fn shards_of_every_shipped_scenario_make_the_whole() {
    for (name, _) in drsim::scenario::shipped() {
        let place = Place::new();
        place.drsim(&format!("new {name}.toml --from {name}")).with(0);
        let options = "--histories 50 --no-charts";
        place.drsim(&format!("run {name}.toml {options} --quiet --out whole")).with(0);
        for number in 1..=3 {
            place.drsim(&format!("run {name}.toml {options} --shard {number}/3 --out s{number}")).with(0);
        }
        place.drsim("merge s2 s3 s1 --no-charts --quiet --out merged").with(0);
        assert!(place.files("merged") == place.files("whole"), "{name}");
    }
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let place = Place::new();
    shards(&place, 3, "--histories 30");
    shards(&place, 2, "--histories 30");
    place.drsim("run small.toml --histories 30 --seed 2 --shard 1/3 --out seed").with(0);
    place.drsim("run small.toml --histories 31 --shard 1/3 --out longer").with(0);
    place.drsim("run small.toml --histories 30 --set costs.per_incident=1 --shard 1/3 --out set").with(0);
    place.drsim("run small.toml --histories 30 --raw --shard 1/3 --out raw").with(0);
    place.put("other.toml", &place.text("small.toml").replace("Small", "Other"));
    place.drsim("run other.toml --histories 30 --shard 1/3 --out other").with(0);
    place.drsim("run small.toml --histories 30 --no-charts --out whole").with(0);
    let refused = [
        ("s1of3 s3of3", "error: shard 2/3 is missing"),
        ("s2of3", "error: 2 shards are missing: 1/3, 3/3"),
        ("s1of3 s2of3 s3of3 s1of3", "error: shard 1/3 is there twice: s1of3 and s1of3"),
        ("s1of3 s2of2", "s1of3 and s2of2 are not shards of one run: one is a shard of 3, the other of 2"),
        ("s2of3 seed s3of3", "s2of3 and seed are not shards of one run: the seeds are 1 and 2"),
        ("s2of3 longer", "the histories of the whole run are 30 and 31"),
        ("s2of3 set", "what was changed by --set and its like is run.histories=30 and"),
        ("s2of3 raw", "only one was run with --raw"),
        ("s2of3 other", "the scenarios differ, small.toml and other.toml"),
        ("s1of3 whole", "error: whole is no shard: there is no shard.json"),
        ("s1of3 nowhere", "error: nowhere is no shard"),
    ];
    for (folders, message) in refused {
        place.drsim(&format!("merge {folders} --out merged")).with(2).says(message);
        assert!(!place.path("merged").exists(), "{folders}");
    }
    place.drsim("merge s1of2 s2of2 --out s1of2").with(2).says("error: --out s1of2 is the folder of a shard");
    assert!(!place.path("s1of2/summary.csv").exists());
}

#[test]
fn a_damaged_shard_is_refused() {
    let place = Place::new();
    shards(&place, 2, "--histories 30");
    let partial = place.text("s2of2/partial.json");
    place.put("s2of2/partial.json", &partial.replacen("\"histories\":15", "\"histories\":16", 1));
    place.drsim("merge s1of2 s2of2 --out merged").with(2).says("s2of2/partial.json is damaged: run that shard again");
    place.put("s2of2/partial.json", &partial);
    let label = place.text("s2of2/shard.json");
    place.put("s2of2/shard.json", &label.replacen("Small", "Large", 1));
    place.drsim("merge s1of2 s2of2 --out merged").with(2).says("the text of small.toml has been changed");
    place.put("s2of2/shard.json", &label.replace(env!("CARGO_PKG_VERSION"), "0.0.1"));
    place.drsim("merge s1of2 s2of2 --out merged").with(2).says("s2of2 is of drsim 0.0.1, this is");
    place.put("s2of2/shard.json", &label.replace("drsim-shard-8", "drsim-shard-3"));
    place
        .drsim("merge s1of2 s2of2 --out merged")
        .with(2)
        .says(" (drsim-shard-3), this is drsim-shard-8: run the shards");
    place.put("s2of2/shard.json", "{}");
    place.drsim("merge s1of2 s2of2 --out merged").with(2).says("s2of2/shard.json is no shard.json of drsim");
    assert!(!place.path("merged").exists());
}

#[test]
fn wrong_shards_are_told_what_would_be_right() {
    let place = Place::new();
    for shard in ["0/3", "4/3", "3", "x/y"] {
        place
            .drsim(&format!("run small.toml --shard {shard}"))
            .with(2)
            .says("a shard is K/N with K from 1 to N, such as 3/8");
    }
    place.drsim("run small.toml --shard 1/2 --gate a").with(2).says("cannot be used with");
}

#[test]
fn a_run_is_repeated_from_its_record_alone() {
    let place = Place::new();
    place.put("days.csv", "minutes\n10\n20\n45\n");
    let text = place.text("small.toml");
    let at = text.find("time_to_repair").expect("a repair");
    let end = at + text[at..].find('\n').expect("a line");
    let empirical = "time_to_repair = { empirical = { file = \"days.csv\", column = \"minutes\", unit = \"m\" } }";
    place.put("data.toml", &format!("{}{empirical}{}", &text[..at], &text[end..]));
    let options = "--histories 40 --seed 7 --horizon 3y --set costs.per_incident=17 --raw";
    let first = place.drsim(&format!("run data.toml {options} --quiet --out first")).with(0);
    let record = place.text("first/run.json");
    std::fs::remove_file(place.path("data.toml")).expect("there");
    std::fs::remove_file(place.path("days.csv")).expect("there");
    let again = place.drsim("run --from first/run.json --raw --quiet --out again").with(0);
    assert_eq!(again.stdout, first.stdout);
    assert!(place.files("again") == place.files("first"));
    place.drsim("check --from first/run.json").with(0).prints("data.toml is valid");

    place.drsim("run --from first/run.json --seed 8 --no-charts --quiet --out other").with(0);
    assert!(place.text("other/run.json").contains("\"seed\": 8"));
    place.put("changed.json", &record.replacen("Small", "Large", 1));
    place.drsim("run --from changed.json").with(2).says("changed.json: the text of data.toml has been changed");
    place.put("old.json", &record.replace(env!("CARGO_PKG_VERSION"), "0.0.1"));
    let old = place.drsim("run --from old.json --no-charts --out old").with(0);
    old.says("warning: old.json is of drsim 0.0.1, this is");
    place.drsim("run --from first/summary.csv").with(2).says("first/summary.csv is no run.json of drsim");
    place.drsim("run small.toml --from first/run.json").with(2).says("cannot be used with");
}

/// The high-water mark of a run's memory, bytes.
#[cfg(target_os = "linux")]
fn peak(place: &Place, histories: u64) -> u64 {
    let mut child = place
        .command(&format!(
            "run small.toml --histories {histories} --no-charts --quiet --out peak{histories} --threads 2"
        ))
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0) * 1024);
        if let Some(status) = child.try_wait().expect("it is our child") {
            assert!(status.success());
            return peak;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

/// Buckets that are hit for the first time may still be added, so the bound is a factor, but histories grow a hundredfold.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_histories() {
    const MIB: u64 = 1024 * 1024;
    let place = Place::new();
    let (few, many) = (peak(&place, 2_000), peak(&place, 200_000));
    assert!(few > MIB, "nothing was measured: {few}");
    assert!(many < 2 * few + 16 * MIB && many < 200 * MIB, "{few} bytes for 2,000 histories, {many} for 200,000");
}
