//! What the format says about itself: a scenario with everything filled in, the JSON Schema, the documentation.

use std::fmt::Write;

use serde_json::{Map, Value as Json, json};

use super::format::{Key, Kind, Presence, Quantity, SCENARIO, Spec};
use super::tree::{DEFAULTS, Entry, Node, Table, Value, key_text};
use super::{Read, builtin, value};

/// The scenario with everything filled in; running it gives the same results. Each value that the file does not say has
/// its source in a comment.
pub fn resolved(read: &Read) -> String {
    let mut out = String::from("# Everything filled in; what the scenario does not say has its source beside it.\n");
    read.section(&mut out, "", &read.root, Some(&SCENARIO), None);
    out
}

/// A value that the simulation takes for granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// The table that it stands in, by its dotted path: `hazards.region-loss`.
    pub table: String,
    /// Its name there.
    pub key: String,
    /// As a scenario writes it.
    pub value: String,
    /// Who says so.
    pub origin: Origin,
    /// Where it comes from, as far as anybody said; may be empty.
    pub source: String,
}

/// Who says a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The scenario file.
    File,
    /// `--set`.
    Set,
    /// The plan of a built-in strategy.
    BuiltIn,
    /// The format: nobody said anything else.
    Default,
}

impl Assumption {
    /// Whether it is only assumed: its source says so. Where the source of a hazard says that of its rate or its duration,
    /// the rest is not meant.
    pub fn is_assumed(&self) -> bool {
        let source = self.source.to_lowercase();
        let mut clauses = source.split(';').filter(|clause| clause.contains("assumed"));
        let onset = ["rate", "mttf", "time_to_failure", "at"].contains(&self.key.as_str());
        let duration = ["time_to_repair", "time_to_detect"].contains(&self.key.as_str());
        clauses.any(|clause| match (clause.contains("rate"), clause.contains("duration")) {
            (false, false) => true,
            (of_rate, of_duration) => of_rate && onset || of_duration && duration,
        })
    }
}

/// Every value of the scenario, filled in, in the order of the file. A hazard's source is that of all its values.
pub fn assumptions(read: &Read) -> Vec<Assumption> {
    let mut found = Vec::new();
    for entry in &read.root.entries {
        read.collect(&mut found, "", entry, Some(&SCENARIO), None);
    }
    found
}

impl Read {
    fn collect(
        &self,
        found: &mut Vec<Assumption>,
        path: &str,
        entry: &Entry,
        spec: Option<&'static Spec>,
        of: Option<&'static Kind>,
    ) {
        let kind = spec.and_then(|spec| spec.kind(&entry.key)).or(of);
        let section = kind.filter(|kind| is_section(kind, path, entry));
        let Some((kind, table)) = section.and_then(|kind| Some((kind, entry.node.table()?))) else {
            found.push(self.assumption(path, entry));
            return;
        };
        let path = if path.is_empty() { key_text(&entry.key) } else { format!("{path}.{}", key_text(&entry.key)) };
        let (spec, of) = match kind.inner() {
            Kind::Map(_, of) => (None, Some(*of)),
            Kind::Table(spec) => (Some(*spec), None),
            _ => (None, None),
        };
        let first = found.len();
        table.entries.iter().for_each(|inner| self.collect(found, &path, inner, spec, of));
        let source = table.text("source").filter(|_| path.starts_with("hazards.")).unwrap_or_default();
        for of_file in found[first..].iter_mut().filter(|value| value.origin == Origin::File && value.source.is_empty())
        {
            of_file.source = source.into();
        }
    }

    fn assumption(&self, path: &str, entry: &Entry) -> Assumption {
        let text = self.texts.get(entry.place.text);
        let origin = match entry.place.text {
            0 => Origin::File,
            DEFAULTS => Origin::Default,
            _ if text.is_some_and(|text| text.name == "--set") => Origin::Set,
            _ => Origin::BuiltIn,
        };
        // What was filled in from elsewhere stands nowhere in the text.
        let span = &entry.node.place.span;
        let stands = text.filter(|_| !span.is_empty());
        let line = stands.and_then(|text| text.text.get(span.end..)?.lines().next()).unwrap_or("");
        let note = line.split_once('#').map_or("", |(_, note)| note.trim());
        let source = match origin {
            Origin::File | Origin::BuiltIn => note,
            Origin::Set | Origin::Default => "",
        };
        Assumption {
            table: path.into(),
            key: entry.key.clone(),
            value: entry.node.inline(),
            origin,
            source: source.into(),
        }
    }

    /// The values of a table, then the tables within under headers of their own.
    fn section(
        &self,
        out: &mut String,
        path: &str,
        table: &Table,
        spec: Option<&'static Spec>,
        of: Option<&'static Kind>,
    ) {
        let kind = |entry: &Entry| spec.and_then(|spec| spec.kind(&entry.key)).or(of);
        let inner = |entry: &Entry| kind(entry).is_some_and(|kind| is_section(kind, path, entry));
        for entry in table.entries.iter().filter(|entry| !inner(entry)) {
            let line = format!("{} = {}", key_text(&entry.key), entry.node.inline());
            let comment = self.comment(entry).map(|comment| format!(" # {comment}")).unwrap_or_default();
            let _ = writeln!(out, "{line}{comment}");
        }
        for entry in table.entries.iter().filter(|entry| inner(entry)) {
            let Some(inside) = entry.node.table() else { continue };
            let path = if path.is_empty() { key_text(&entry.key) } else { format!("{path}.{}", key_text(&entry.key)) };
            let removed = removed(table, entry);
            if inside.entries.is_empty()
                && removed.is_empty()
                && path != "hazards"
                && !matches!(kind(entry), Some(Kind::OrNone(_)))
            {
                continue;
            }
            match kind(entry).map(Kind::inner) {
                Some(Kind::Map(_, of)) if matches!(of.inner(), Kind::Table(_)) => {
                    if !removed.is_empty() {
                        let _ = writeln!(out, "\n[{path}]\n{}", removed.join("\n"));
                    }
                    self.section(out, &path, inside, None, Some(of));
                }
                Some(Kind::Table(spec)) => {
                    let _ = writeln!(out, "\n[{path}]");
                    self.section(out, &path, inside, Some(spec), None);
                }
                Some(_) | None => {
                    let _ = writeln!(out, "\n[{path}]");
                    self.section(out, &path, inside, None, None);
                }
            }
        }
    }

    /// Where a value comes from, if not from the file.
    fn comment(&self, entry: &Entry) -> Option<String> {
        let text = self.texts.get(entry.place.text)?;
        match entry.place.text {
            0 => self.inner_defaults(&entry.node),
            DEFAULTS => Some("default".into()),
            _ if text.name == "--set" => Some(format!("--set {}", text.text)),
            _ => {
                let end = entry.node.place.span.end.min(text.text.len());
                let line = text.text[end..].lines().next().unwrap_or("");
                let note = line.split_once('#').map_or("", |(_, note)| note.trim());
                Some(if note.is_empty() { text.name.clone() } else { format!("{}: {note}", text.name) })
            }
        }
    }

    fn inner_defaults(&self, node: &Node) -> Option<String> {
        let entries = &node.table()?.entries;
        let keys: Vec<&str> = entries.iter().filter(|e| e.place.text == DEFAULTS).map(|e| e.key.as_str()).collect();
        (!keys.is_empty()).then(|| format!("default: {}", keys.join(", ")))
    }
}

fn is_section(kind: &'static Kind, path: &str, entry: &Entry) -> bool {
    let table = matches!(entry.node.value, Value::Table(_));
    table
        && match kind.inner() {
            Kind::Map(_, of) => path.is_empty() || matches!(of.inner(), Kind::Table(_)),
            Kind::Table(spec) => {
                path.is_empty()
                    || matches!(
                        spec.title.split('.').next_back(),
                        Some("HAZARD" | "STRATEGY" | "STEP" | "infrastructure")
                    )
            }
            _ => false,
        }
}

/// The steps of the built-in plan that the scenario takes away, as lines.
fn removed(strategy: &Table, plan: &Entry) -> Vec<String> {
    let kind = strategy.text("kind").unwrap_or("custom");
    let fragment =
        builtin::find(kind, strategy.text("readiness").unwrap_or(""), strategy.text("writes").unwrap_or("local"));
    let Some(fragment) = fragment.map(|fragment| fragment.tree(&mut Vec::new())) else { return Vec::new() };
    let steps = fragment.table(&plan.key).map(|steps| steps.entries.as_slice()).unwrap_or_default();
    let gone = steps.iter().filter(|step| !plan.node.table().is_some_and(|table| table.has(&step.key)));
    gone.map(|step| format!("{} = \"none\"", key_text(&step.key))).collect()
}

/// JSON Schema of the format.
pub fn schema() -> Json {
    let mut schema = object(&SCENARIO, true);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("drsim scenario");
    schema["$defs"] = json!({
        "duration": pattern(r"^\s*(\d[\d_]*(\.\d+)?\s*(us|ms|s|m|h|d|w|y)\s*)+$", "A duration, such as \"1h30m\"."),
        "size": pattern(r"^\s*\d[\d_]*(\.\d+)?\s*[kKMGTP]?i?(B|bit)$", "A size, such as \"2 TiB\"."),
        "rate": pattern(r"^\s*\d[\d_]*(\.\d+)?\s*[kKMGTP]?i?(B|bit)\s*/\s*(s|m|min|h|d|w|month|y|year)$", "A rate, such as \"150 MiB/s\"."),
        "event-rate": pattern(r"^\s*\d[\d_]*(\.\d+)?\s*/\s*(h|d|w|month|y|year)$", "An event rate, such as \"0.25/y\"."),
        "share": { "type": "number", "minimum": 0, "maximum": 1 },
        "family": families(),
        "strategy-step": object(&super::format::STEP, false),
    });
    schema
}

fn pattern(pattern: &str, description: &str) -> Json {
    json!({ "type": "string", "pattern": pattern, "description": description })
}

fn families() -> Json {
    let names: Map<String, Json> = value::FAMILIES.iter().map(|(name, _)| ((*name).to_string(), json!({}))).collect();
    json!({ "type": "object", "properties": names, "additionalProperties": false, "minProperties": 1, "maxProperties": 1 })
}

/// `whole`: what is required must be there; a strategy may leave it to `[defaults]` or `like`.
fn object(spec: &'static Spec, whole: bool) -> Json {
    let mut properties = Map::new();
    for key in spec.keys {
        let inner = whole && key.name != "strategies" && key.name != "defaults";
        let mut property = of_kind(&key.kind, inner);
        property["description"] = json!(key.doc);
        if key.example != "{}" {
            property["examples"] = json!([to_json(key.example)]);
        }
        if let Presence::Default(literal) = key.presence {
            property["default"] = to_json(literal);
        }
        properties.insert(key.name.into(), property);
    }
    let required: Vec<&str> = spec
        .keys
        .iter()
        .filter(|key| whole && matches!(key.presence, Presence::Required))
        .map(|key| key.name)
        .collect();
    let further = spec.named.map_or(json!(false), |(_, kind)| of_kind(kind, whole));
    json!({ "type": "object", "description": spec.doc, "properties": properties, "required": required, "additionalProperties": further })
}

fn to_json(literal: &str) -> Json {
    let place = super::tree::Place::default();
    super::tree::parse_value(literal, &place).map_or(Json::Null, |node| node_json(&node))
}

fn node_json(node: &Node) -> Json {
    match &node.value {
        Value::Text(text) | Value::Date(text) => json!(text),
        Value::Integer(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::Bool(flag) => json!(flag),
        Value::List(items) => items.iter().map(node_json).collect(),
        Value::Table(table) => table.entries.iter().map(|entry| (entry.key.clone(), node_json(&entry.node))).collect(),
    }
}

fn of_kind(kind: &'static Kind, whole: bool) -> Json {
    let reference = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    match kind {
        Kind::Text | Kind::Name(_) => json!({ "type": "string" }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Whole(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Kind::Number(low, high) => json!({ "type": "number", "minimum": low, "maximum": high }),
        Kind::Share => reference("share"),
        Kind::Chance => json!({ "type": "number", "minimum": 0, "exclusiveMaximum": 1 }),
        Kind::Money => json!({ "type": "number", "minimum": 0 }),
        Kind::Duration | Kind::Span => reference("duration"),
        Kind::Size => reference("size"),
        Kind::Rate => reference("rate"),
        Kind::EventRate => reference("event-rate"),
        Kind::Dist(Quantity::Share) => {
            json!({ "anyOf": [reference("share"), { "type": "string", "pattern": " to " }, reference("family")] })
        }
        Kind::Dist(Quantity::Duration) => {
            json!({ "anyOf": [reference("duration"), { "type": "string", "pattern": " to " }, reference("family")] })
        }
        Kind::Dist(Quantity::Rate) => {
            json!({ "anyOf": [reference("rate"), { "type": "string", "pattern": " to " }, reference("family")] })
        }
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::List(of) => json!({ "type": "array", "items": of_kind(of, whole) }),
        Kind::Table(spec) if spec.title == super::format::STEP.title => reference("strategy-step"),
        Kind::Table(spec) => object(spec, whole && spec.title != super::format::STRATEGY.title),
        Kind::Map(_, of) => json!({
            "type": "object", "propertyNames": { "pattern": "^[a-z0-9-]+$" }, "additionalProperties": of_kind(of, whole),
        }),
        Kind::OneOrList(one, of) => {
            json!({ "anyOf": [of_kind(one, whole), { "type": "array", "items": of_kind(of, whole) }] })
        }
        Kind::OrNone(of) => json!({ "anyOf": [{ "const": "none" }, of_kind(of, whole)] }),
    }
}

/// The tables of keys of `docs/scenario-format.md`.
pub fn format_markdown() -> String {
    let mut specs: Vec<&'static Spec> = vec![&SCENARIO];
    let mut index = 0;
    while index < specs.len() {
        let spec = specs[index];
        let kinds = spec.keys.iter().map(|key| &key.kind).chain(spec.named.map(|(_, kind)| kind));
        for inner in kinds.filter_map(table_of) {
            if !specs.iter().any(|known| known.title == inner.title) {
                specs.push(inner);
            }
        }
        index += 1;
    }
    let mut out = String::new();
    for spec in specs {
        let _ = writeln!(
            out,
            "### `{}`\n\n{}\n\n| key | value | default | meaning | example |\n|---|---|---|---|---|",
            spec.title, spec.doc
        );
        for key in spec.keys {
            let _ = writeln!(
                out,
                "| `{}` | {} | {} | {} | {} |",
                key.name,
                cell(&key.kind.words()),
                default(key),
                key.doc,
                example(key)
            );
        }
        if let Some((name, kind)) = spec.named {
            let _ = writeln!(out, "| `{name}` | {} | | | |", kind.words());
        }
        out.push('\n');
    }
    out
}

fn table_of(kind: &'static Kind) -> Option<&'static Spec> {
    match kind.inner() {
        Kind::Table(spec) => Some(spec),
        Kind::Map(_, of) | Kind::List(of) | Kind::OneOrList(_, of) => table_of(of),
        _ => None,
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn default(key: &Key) -> String {
    match key.presence {
        Presence::Required => "required".into(),
        Presence::Optional => "none".into(),
        Presence::Default("{}") => "each key's own".into(),
        Presence::Default(literal) => format!("`{literal}`"),
        Presence::When(words) => words.into(),
    }
}

fn example(key: &Key) -> String {
    if key.example == "{}" { String::new() } else { format!("`{}`", cell(key.example)) }
}
