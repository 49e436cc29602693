//! From a scenario as written to one with everything filled in: `--set`, built-in strategies, `[defaults]`, `like`,
//! and the defaults of the format.

use super::builtin;
use super::diagnostic::Fault;
use super::format::{Kind, Presence, SCENARIO, STRATEGY, Spec};
use super::tree::{self, DEFAULTS, Entry, Node, Place, Table, Text, Texts, Value};

/// Applies one `--set PATH=VALUE` to the tree. A value that is not TOML is taken as text.
///
/// # Errors
/// When the path leads nowhere; the place is in the argument, which is added to the texts.
pub(super) fn set(root: &mut Table, path: &str, value: &str, texts: &mut Texts) -> Result<(), Fault> {
    let argument = format!("{path}={value}");
    let place = Place { text: texts.len(), span: 0..path.len() };
    let value_place = Place { text: texts.len(), span: path.len() + 1..argument.len() };
    texts.push(Text { name: "--set".into(), text: argument });
    let node = tree::parse_value(value, &value_place)
        .unwrap_or_else(|| Node { value: Value::Text(value.into()), place: value_place });
    let parts: Vec<String> = toml_edit::Key::parse(path)
        .map_err(|_| Fault::new(&place, format!("`{path}` is not a path of keys joined by dots")))?
        .iter()
        .map(|key| key.get().to_string())
        .collect();
    named(root, &parts, &place)?;
    put(root, &parts, node, &place)
}

/// A hazard, site or strategy that is set must be there already.
fn named(root: &Table, parts: &[String], place: &Place) -> Result<(), Fault> {
    let [map, name, ..] = parts else { return Ok(()) };
    let what = match map.as_str() {
        "hazards" => "hazard",
        "strategies" => "strategy",
        "sites" => "site",
        _ => return Ok(()),
    };
    let names: Vec<&str> =
        root.table(map).into_iter().flat_map(|table| &table.entries).map(|entry| entry.key.as_str()).collect();
    if names.contains(&name.as_str()) {
        return Ok(());
    }
    Err(Fault::new(place, format!("there is no {what} `{name}`")).allowed(name, names))
}

fn put(table: &mut Table, parts: &[String], node: Node, place: &Place) -> Result<(), Fault> {
    let [first, rest @ ..] = parts else { return Err(Fault::new(place, "the path is empty")) };
    if rest.is_empty() {
        table.put(Entry { key: first.clone(), place: place.clone(), node });
        return Ok(());
    }
    if !table.has(first) {
        let node = Node { value: Value::Table(Table::default()), place: place.clone() };
        table.put(Entry { key: first.clone(), place: place.clone(), node });
    }
    let inner = table.entries.iter_mut().find(|entry| entry.key == *first).map(|entry| &mut entry.node);
    let Some(inner) = inner else { return Ok(()) };
    below(inner, first, rest, node, place)
}

fn below(inner: &mut Node, name: &str, rest: &[String], node: Node, place: &Place) -> Result<(), Fault> {
    match &mut inner.value {
        Value::Table(table) => put(table, rest, node, place),
        Value::List(items) => {
            let count = items.len();
            let index = rest[0].parse::<usize>().ok().filter(|index| *index < count);
            let Some(item) = index.and_then(|index| items.get_mut(index)) else {
                return Err(
                    Fault::new(place, format!("`{name}` is a list of {count}")).label("an index from 0 goes here")
                );
            };
            if rest.len() == 1 {
                *item = node;
                return Ok(());
            }
            below(item, &rest[0], &rest[1..], node, place)
        }
        Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::Date(_) => {
            Err(Fault::new(place, format!("`{name}` is {}, it has no `{}`", inner.kind(), rest[0])))
        }
    }
}

/// Replaces every strategy by one that says everything, and takes `[defaults]` away.
pub(super) fn strategies(root: &mut Table, texts: &mut Texts, faults: &mut Vec<Fault>) {
    let written = root.table("strategies").cloned().unwrap_or_default();
    let defaults = mark_removed(&root.table("defaults").cloned().unwrap_or_default());
    let readiness = root.table("workload").and_then(|table| table.text("readiness")).unwrap_or("practised").to_string();
    let mut resolved = Table::default();
    for entry in &written.entries {
        let Some(own) = entry.node.table() else { continue };
        let Some(chain) = chain(entry, own, &written, faults) else { continue };
        let said = merged(&defaults, &chain, &STRATEGY);
        let Some(kind) = said.text("kind").map(str::to_string) else {
            faults.push(
                Fault::new(&entry.place, format!("`strategies.{}` has neither `kind` nor `like`", entry.key))
                    .allowed("", super::format::KINDS),
            );
            continue;
        };
        let level = said.text("readiness").unwrap_or(&readiness).to_string();
        let writes = said.text("writes").unwrap_or("local");
        let fragment = builtin::find(&kind, &level, writes).map(|fragment| fragment.tree(texts)).unwrap_or_default();
        let general = merged(&fragment, &applicable(&defaults, &fragment, &chain), &STRATEGY);
        let mut whole = merged(&general, &chain, &STRATEGY);
        for plan in ["failover", "restore"] {
            drop_removed(&mut whole, plan, faults);
        }
        whole.entries.retain(|entry| entry.key != "like" && !entry.node.is_none());
        let place = entry.node.place.clone();
        if !whole.has("readiness") && kind != "custom" {
            let node = Node { value: Value::Text(level), place: Place { text: DEFAULTS, span: 0..0 } };
            whole.put(Entry { key: "readiness".into(), place: place.clone(), node });
        }
        let node = Node { value: Value::Table(whole), place };
        resolved.put(Entry { key: entry.key.clone(), place: entry.place.clone(), node });
    }
    root.remove("defaults");
    if let Some(entry) = root.entries.iter_mut().find(|entry| entry.key == "strategies") {
        entry.node.value = Value::Table(resolved);
    }
}

/// A strategy over the one it is like, that over its own, and so on.
fn chain(entry: &Entry, own: &Table, all: &Table, faults: &mut Vec<Fault>) -> Option<Table> {
    let mut seen = vec![entry.key.as_str()];
    let mut result = mark_removed(own);
    result.remove("like");
    let mut next = own.get("like");
    while let Some(node) = next {
        let name = node.text()?;
        let Some(parent) = all.entry(name) else {
            let words = all.entries.iter().map(|entry| entry.key.as_str()).filter(|key| *key != entry.key);
            faults.push(Fault::new(&node.place, format!("there is no strategy `{name}`")).allowed(name, words));
            return None;
        };
        if seen.contains(&name) {
            seen.push(name);
            faults.push(Fault::new(&node.place, format!("strategies are like each other: {}", seen.join(" -> "))));
            return None;
        }
        seen.push(&parent.key);
        let table = parent.node.table()?;
        let mut inherited = mark_removed(table);
        inherited.remove("like");
        inherited.remove("title");
        result = merged(&inherited, &result, &STRATEGY);
        next = table.get("like");
    }
    Some(result)
}

/// `over` laid over `under`: tables of the format are merged key by key, everything else is replaced.
fn merged(under: &Table, over: &Table, spec: &'static Spec) -> Table {
    let mut result = under.clone();
    for entry in &over.entries {
        let kind = spec.kind(&entry.key).map(Kind::inner);
        let both = result.get(&entry.key).and_then(Node::table).zip(entry.node.table());
        let value = match (kind, both) {
            (Some(Kind::Table(spec)), Some((old, new))) => Value::Table(merged(old, new, spec)),
            (Some(Kind::Map(_, of)), Some((old, new))) => Value::Table(merged_map(old, new, of)),
            _ => entry.node.value.clone(),
        };
        result.put(Entry { node: Node { value, place: entry.node.place.clone() }, ..entry.clone() });
    }
    result
}

fn merged_map(under: &Table, over: &Table, of: &'static Kind) -> Table {
    let mut result = under.clone();
    for entry in &over.entries {
        let both = result.get(&entry.key).and_then(Node::table).zip(entry.node.table());
        let value = match (of.inner(), both) {
            // A step that is described again after it was removed is back.
            (Kind::Table(spec), Some((old, new))) => {
                let mut old = old.clone();
                old.remove(REMOVED);
                Value::Table(merged(&old, new, spec))
            }
            _ => entry.node.value.clone(),
        };
        result.put(Entry { node: Node { value, place: entry.node.place.clone() }, ..entry.clone() });
    }
    result
}

/// Marks a step that `"none"` removes, so that what it came after is still known.
const REMOVED: &str = "removed";

/// Writes the steps that are `"none"` as steps with the mark.
fn mark_removed(strategy: &Table) -> Table {
    let mut strategy = strategy.clone();
    for entry in strategy.entries.iter_mut().filter(|entry| entry.key == "failover" || entry.key == "restore") {
        let Value::Table(steps) = &mut entry.node.value else { continue };
        for step in steps.entries.iter_mut().filter(|step| step.node.is_none()) {
            let mark = Entry { key: REMOVED.into(), place: step.place.clone(), node: step.node.clone() };
            step.node.value = Value::Table(Table { entries: vec![mark] });
        }
    }
    strategy
}

/// `[defaults]` without the steps that the plans of this strategy do not have.
fn applicable(defaults: &Table, fragment: &Table, said: &Table) -> Table {
    let mut defaults = defaults.clone();
    for entry in defaults.entries.iter_mut().filter(|entry| entry.key == "failover" || entry.key == "restore") {
        let plan = entry.key.clone();
        let has =
            |step: &str| [fragment, said].iter().any(|table| table.table(&plan).is_some_and(|steps| steps.has(step)));
        if let Value::Table(steps) = &mut entry.node.value {
            steps.entries.retain(|step| has(&step.key));
        }
    }
    defaults
}

/// Takes the marked steps out of a plan; what came after one then comes after what it came after.
fn drop_removed(strategy: &mut Table, plan: &str, faults: &mut Vec<Fault>) {
    let Some(Value::Table(steps)) = strategy.entries.iter_mut().find(|e| e.key == plan).map(|e| &mut e.node.value)
    else {
        return;
    };
    let is_removed = |entry: &Entry| entry.node.table().is_some_and(|table| table.has(REMOVED));
    while let Some(index) = steps.entries.iter().position(is_removed) {
        let removed = steps.entries.remove(index);
        let table = removed.node.table().cloned().unwrap_or_default();
        if table.entries.len() == 1 {
            let words = steps.entries.iter().map(|entry| entry.key.as_str());
            let fault = Fault::new(&removed.place, format!("there is no step `{}` to take away", removed.key));
            faults.push(fault.allowed(&removed.key, words));
        }
        let before = match table.get("after").map(|node| &node.value) {
            Some(Value::List(before)) => before.clone(),
            _ => Vec::new(),
        };
        for entry in &mut steps.entries {
            if let Value::Table(step) = &mut entry.node.value {
                replace_after(step, &removed.key, &before);
            }
        }
    }
}

fn replace_after(step: &mut Table, removed: &str, before: &[Node]) {
    let Some(Value::List(after)) = step.entries.iter_mut().find(|e| e.key == "after").map(|e| &mut e.node.value) else {
        return;
    };
    let Some(index) = after.iter().position(|node| node.text() == Some(removed)) else { return };
    after.remove(index);
    for node in before {
        if !after.iter().any(|old| old.text() == node.text()) {
            after.push(node.clone());
        }
    }
}

/// Adds the defaults of the format to a table and those within.
pub(super) fn fill(table: &mut Table, spec: &'static Spec) {
    let place = Place { text: DEFAULTS, span: 0..0 };
    for key in spec.keys {
        if let (Presence::Default(literal), false) = (&key.presence, table.has(key.name)) {
            let node = tree::parse_value(literal, &place).expect("defaults of the format are TOML");
            table.put(Entry { key: key.name.into(), place: place.clone(), node });
        }
    }
    for entry in &mut table.entries {
        if let Some(kind) = spec.kind(&entry.key) {
            fill_node(&mut entry.node, kind);
        }
    }
}

fn fill_node(node: &mut Node, kind: &'static Kind) {
    match (kind.inner(), &mut node.value) {
        (Kind::Table(spec), Value::Table(table)) => fill(table, spec),
        (Kind::Map(_, of), Value::Table(table)) => {
            table.entries.iter_mut().for_each(|entry| fill_node(&mut entry.node, of))
        }
        (Kind::List(of) | Kind::OneOrList(_, of), Value::List(items)) => {
            items.iter_mut().for_each(|item| fill_node(item, of))
        }
        _ => {}
    }
}

/// Fills in the whole scenario.
pub(super) fn fill_all(root: &mut Table) {
    fill(root, &SCENARIO);
}
