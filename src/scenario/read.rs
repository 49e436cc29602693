//! The generic reader: every value of a tree against the description of the format.

use super::diagnostic::Fault;
use super::format::{Key, Kind, Presence, Spec};
use super::tree::{Node, Place, Table, Value};
use super::value::{self, Files};

/// Finds unknown keys and values of the wrong type, unit or range; not what is missing.
pub(super) fn values(table: &Table, spec: &'static Spec, files: &Files, faults: &mut Vec<Fault>) {
    for entry in &table.entries {
        match spec.kind(&entry.key) {
            Some(kind) => {
                if spec.key(&entry.key).is_none() {
                    name(&entry.key, &entry.place, faults);
                }
                let before = faults.len();
                node(&entry.node, kind, files, faults);
                show_key(&mut faults[before..], spec.key(&entry.key), &entry.node);
            }
            None => {
                let words = spec.keys.iter().map(|key| key.name);
                let message = format!("unknown key `{}` in `{}`", entry.key, spec.title);
                faults.push(Fault::new(&entry.place, message).allowed(&entry.key, words));
            }
        }
    }
}

/// Adds the line that would be right to the faults of a value as a whole.
fn show_key(faults: &mut [Fault], key: Option<&Key>, node: &Node) {
    let Some(key) = key.filter(|key| key.example != "{}") else { return };
    for fault in faults.iter_mut().filter(|fault| fault.place == node.place) {
        let line = format!("for example: {} = {}", key.name, key.example);
        fault.help.push(line);
    }
}

fn name(name: &str, place: &Place, faults: &mut Vec<Fault>) {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(fits) {
        let mut fault = Fault::new(place, format!("`{name}` is not a name")).label("a name has a-z, 0-9 and -");
        let better: String = name
            .to_lowercase()
            .chars()
            .map(|c| if c == '_' || c == ' ' { '-' } else { c })
            .filter(|c| fits(*c))
            .collect();
        if !better.is_empty() {
            fault = fault.help(format!("for example: {better}"));
        }
        faults.push(fault);
    }
}

fn node(node: &Node, kind: &'static Kind, files: &Files, faults: &mut Vec<Fault>) {
    let simple = |result: Result<f64, Fault>| result.err();
    let fault = match kind {
        Kind::Text | Kind::Name(_) => node.text().is_none().then(|| mismatch(node, kind)),
        Kind::Bool => (!matches!(node.value, Value::Bool(_))).then(|| mismatch(node, kind)),
        Kind::Whole(low, high) => match node.value {
            Value::Integer(number) if (*low..=*high).contains(&number) => None,
            Value::Integer(number) => Some(
                Fault::new(&node.place, format!("{number} is out of range")).label(format!("must be {}", kind.words())),
            ),
            Value::Text(_) | Value::Float(_) | Value::Bool(_) | Value::Date(_) | Value::List(_) | Value::Table(_) => {
                Some(mismatch(node, kind))
            }
        },
        Kind::Number(low, high) => simple(value::number_in(node, *low, *high, "a number")),
        Kind::Share => simple(value::share(node)),
        Kind::Chance => match value::share(node) {
            Ok(1.0) => {
                Some(Fault::new(&node.place, "an attempt that always fails never ends").label("must be less than 1"))
            }
            other => simple(other),
        },
        Kind::Money => simple(value::number_in(node, 0.0, 1e18, "an amount of money")),
        Kind::Duration => simple(value::duration(node)),
        Kind::Span => match value::duration(node) {
            Ok(seconds) if seconds < 1e-6 => Some(Fault::new(&node.place, "must be longer than 0")),
            other => simple(other),
        },
        Kind::Size => simple(value::size(node)),
        Kind::Rate => simple(value::rate(node)),
        Kind::EventRate => simple(value::event_rate(node)),
        Kind::Dist(of) => {
            faults.extend(value::dist(node, *of, files).err().into_iter().flatten());
            None
        }
        Kind::Choice(words) => match node.text() {
            Some(word) if words.contains(&word) => None,
            Some(word) => {
                Some(Fault::new(&node.place, format!("unknown value \"{word}\"")).allowed(word, words.iter().copied()))
            }
            None => Some(mismatch(node, kind)),
        },
        Kind::List(of) => return list(node, kind, of, files, faults),
        Kind::Table(spec) => match &node.value {
            Value::Table(table) => return values(table, spec, files, faults),
            _ => Some(mismatch(node, kind)),
        },
        Kind::Map(_, of) => match &node.value {
            Value::Table(table) => return map(table, of, files, faults),
            _ => Some(mismatch(node, kind)),
        },
        Kind::OneOrList(one, of) => match &node.value {
            Value::List(_) => return list(node, kind, of, files, faults),
            _ => return self::node(node, one, files, faults),
        },
        Kind::OrNone(_) if node.is_none() => None,
        Kind::OrNone(of) => match (of, &node.value) {
            (Kind::Table(_), Value::Table(_)) => return self::node(node, of, files, faults),
            _ => Some(mismatch(node, kind)),
        },
    };
    faults.extend(fault);
}

fn mismatch(node: &Node, kind: &Kind) -> Fault {
    let fault = Fault::new(&node.place, format!("expected {}, found {}", kind.words(), node.kind()));
    match kind {
        Kind::List(_) if node.text().is_some() => fault.help(format!("write it as a list: [{}]", node.inline())),
        Kind::Bool if matches!(node.text(), Some("true" | "false")) => fault.help("write it without quotes"),
        Kind::Whole(..) => match node.text().and_then(|text| text.replace(',', "").parse::<i64>().ok()) {
            Some(number) => fault.help(format!("write it without quotes: {number}")),
            None => fault,
        },
        _ => fault,
    }
}

fn list(node: &Node, kind: &Kind, of: &'static Kind, files: &Files, faults: &mut Vec<Fault>) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| self::node(item, of, files, faults)),
        _ => faults.push(mismatch(node, kind)),
    }
}

fn map(table: &Table, of: &'static Kind, files: &Files, faults: &mut Vec<Fault>) {
    for entry in &table.entries {
        name(&entry.key, &entry.place, faults);
        node(&entry.node, of, files, faults);
    }
}

/// Finds what is missing in a tree that is otherwise filled in. `path` and `place` are those of the table.
pub(super) fn missing(table: &Table, spec: &'static Spec, path: &str, place: &Place, faults: &mut Vec<Fault>) {
    for key in spec.keys {
        if matches!(key.presence, Presence::Required) && !table.has(key.name) {
            let of = if path.is_empty() { "the scenario".into() } else { format!("`{path}`") };
            let fault = Fault::new(place, format!("{of} has no `{}`", key.name)).label(key.doc);
            faults.push(if key.example == "{}" {
                fault
            } else {
                fault.help(format!("for example: {} = {}", key.name, key.example))
            });
        }
    }
    for entry in &table.entries {
        let path = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
        if let Some(kind) = spec.kind(&entry.key) {
            missing_in(&entry.node, kind, &path, &entry.place, faults);
        }
    }
}

fn missing_in(node: &Node, kind: &'static Kind, path: &str, place: &Place, faults: &mut Vec<Fault>) {
    match (kind.inner(), &node.value) {
        (Kind::Table(spec), Value::Table(table)) => missing(table, spec, path, place, faults),
        (Kind::Map(_, of), Value::Table(table)) => {
            for entry in &table.entries {
                missing_in(&entry.node, of, &format!("{path}.{}", entry.key), &entry.place, faults);
            }
        }
        (Kind::List(of) | Kind::OneOrList(_, of), Value::List(items)) => {
            items.iter().for_each(|item| missing_in(item, of, path, &item.place, faults));
        }
        _ => {}
    }
}
