//! Scenarios that must be read, and scenarios that must not, with what is to be said about them.

use drsim::scenario::{self, Diagnostic, Options, Read, Source};

fn read(text: &str) -> Result<Read, Vec<Diagnostic>> {
    scenario::read(Source { name: "test.toml", text }, &Options::default())
}

fn good(text: &str) -> Read {
    read(text).unwrap_or_else(|faults| {
        let all: Vec<String> = faults.iter().map(|fault| fault.render(false)).collect();
        panic!("{text}\n{}", all.join("\n\n"))
    })
}

#[test]
fn shipped_scenarios_are_read_without_warnings_that_surprise() {
    for (name, text) in scenario::shipped() {
        let read = good(text);
        assert!(!read.scenario.strategies.is_empty(), "{name}");
    }
    good(scenario::starter());
}
