//! A scenario's text as a tree that remembers where each value was written.
//!
//! Values can come from several texts (the file, a built-in strategy, a `--set` argument); a [`Place`] names the text.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike};

/// Where something was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Index into [`Texts`].
    pub(super) text: usize,
    /// Bytes.
    pub(super) span: Range<usize>,
}

/// A text that values come from.
#[derive(Clone, Debug)]
pub(super) struct Text {
    /// As messages show it.
    pub(super) name: String,
    /// All of it.
    pub(super) text: String,
}

/// The texts that values come from: first the scenario, then [`DEFAULTS`], then the others.
pub(super) type Texts = Vec<Text>;

/// The text that the defaults of the format come from.
pub(super) const DEFAULTS: usize = 1;

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) place: Place,
}

/// What TOML can say.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    Date(String),
    List(Vec<Node>),
    Table(Table),
}

/// Keys and values in the order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    /// Of the key.
    pub(super) place: Place,
    pub(super) node: Node,
}

impl Table {
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    pub(super) fn table(&self, key: &str) -> Option<&Table> {
        self.get(key).and_then(Node::table)
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::text)
    }

    pub(super) fn remove(&mut self, key: &str) {
        self.entries.retain(|entry| entry.key != key);
    }

    /// Puts an entry in the place of the one with its key, or last.
    pub(super) fn put(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|old| old.key == entry.key) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }
}

impl Node {
    pub(super) fn table(&self) -> Option<&Table> {
        if let Value::Table(table) = &self.value { Some(table) } else { None }
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    pub(super) fn is_none(&self) -> bool {
        self.text() == Some("none")
    }

    /// As a number, whether written as integer or not.
    pub(super) fn number(&self) -> Option<f64> {
        match self.value {
            Value::Integer(number) => Some(number as f64),
            Value::Float(number) => Some(number),
            Value::Text(_) | Value::Bool(_) | Value::Date(_) | Value::List(_) | Value::Table(_) => None,
        }
    }

    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "text",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Bool(_) => "true or false",
            Value::Date(_) => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// On one line, as TOML writes it.
    pub(super) fn inline(&self) -> String {
        match &self.value {
            Value::Text(text) => toml_edit::Value::from(text.as_str()).to_string(),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => toml_edit::Value::from(*number).to_string(),
            Value::Bool(value) => value.to_string(),
            Value::Date(text) => text.clone(),
            Value::List(items) => format!("[{}]", items.iter().map(Node::inline).collect::<Vec<_>>().join(", ")),
            Value::Table(table) if table.entries.is_empty() => "{}".into(),
            Value::Table(table) => {
                let parts = table.entries.iter().map(|e| format!("{} = {}", key_text(&e.key), e.node.inline()));
                format!("{{ {} }}", parts.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// A key as TOML writes it.
pub(super) fn key_text(key: &str) -> String {
    toml_edit::Key::new(key).display_repr().into_owned()
}

/// Reads TOML; `text` is the index of the text in [`Texts`].
///
/// # Errors
/// Where the text is not TOML: the place and what is wrong.
pub(super) fn parse(source: &str, text: usize) -> Result<Table, (Place, String)> {
    match Document::parse(source) {
        Ok(document) => Ok(table(document.as_table(), &Place { text, span: 0..0 })),
        Err(error) => Err((Place { text, span: error.span().unwrap_or(0..0) }, error.message().to_string())),
    }
}

/// The value that `source` writes, as in `key = source`; every part of it has `place`.
pub(super) fn parse_value(source: &str, place: &Place) -> Option<Node> {
    let value: toml_edit::Value = source.parse().ok()?;
    let mut node = item(&Item::Value(value), place);
    replace(&mut node, place);
    Some(node)
}

fn replace(node: &mut Node, place: &Place) {
    node.place = place.clone();
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| replace(item, place)),
        Value::Table(table) => {
            for entry in &mut table.entries {
                entry.place = place.clone();
                replace(&mut entry.node, place);
            }
        }
        Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::Date(_) => {}
    }
}

fn at(span: Option<Range<usize>>, otherwise: &Place) -> Place {
    span.map_or_else(|| otherwise.clone(), |span| Place { text: otherwise.text, span })
}

fn table(source: &dyn TableLike, place: &Place) -> Table {
    let keys: Vec<&str> = source.iter().map(|(key, _)| key).collect();
    let entry = |key: &&str| {
        let (written, value) = source.get_key_value(key)?;
        let key_place = at(written.span(), place);
        Some(Entry { key: (*key).to_string(), node: item(value, &key_place), place: key_place })
    };
    Table { entries: keys.iter().filter_map(entry).collect() }
}

fn item(source: &Item, key: &Place) -> Node {
    let place = at(source.span(), key);
    let value = match source {
        Item::None => Value::Table(Table::default()),
        Item::Value(value) => self::value(value, key),
        Item::Table(inner) => Value::Table(table(inner, key)),
        Item::ArrayOfTables(items) => Value::List(
            items
                .iter()
                .map(|inner| Node { value: Value::Table(table(inner, key)), place: at(inner.span(), key) })
                .collect(),
        ),
    };
    Node { value, place }
}

fn value(source: &toml_edit::Value, key: &Place) -> Value {
    match source {
        toml_edit::Value::String(text) => Value::Text(text.value().clone()),
        toml_edit::Value::Integer(number) => Value::Integer(*number.value()),
        toml_edit::Value::Float(number) => Value::Float(*number.value()),
        toml_edit::Value::Boolean(flag) => Value::Bool(*flag.value()),
        toml_edit::Value::Datetime(date) => Value::Date(date.value().to_string()),
        toml_edit::Value::Array(items) => Value::List(
            items.iter().map(|inner| Node { value: value(inner, key), place: at(inner.span(), key) }).collect(),
        ),
        toml_edit::Value::InlineTable(inner) => Value::Table(table(inner, key)),
    }
}
