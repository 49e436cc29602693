//! Single values: quantities and distributions.

use super::diagnostic::Fault;
use super::format::Quantity;
use super::tree::{Node, Table, Value};
use crate::dist::{Dist, DistError};
use crate::units::{self, UnitError};

/// Gives the text of a data file by its path.
pub(super) type Files<'a> = dyn Fn(&str) -> Result<String, String> + 'a;

/// Seconds.
pub(super) fn duration(node: &Node) -> Result<f64, Fault> {
    quantity(node, "a duration", "\"90s\", \"15m\", \"4h\" or \"1h30m\"", 'm', units::parse_duration)
}

/// Bytes.
pub(super) fn size(node: &Node) -> Result<f64, Fault> {
    quantity(node, "a size", "\"2 TiB\" or \"500 GB\"", 'G', units::parse_size)
}

/// Bytes a second.
pub(super) fn rate(node: &Node) -> Result<f64, Fault> {
    quantity(node, "a rate", "\"40 GiB/h\", \"150 MiB/s\" or \"2 Gbit/s\"", 'R', units::parse_rate)
}

/// Events a second.
pub(super) fn event_rate(node: &Node) -> Result<f64, Fault> {
    quantity(node, "an event rate", "\"0.25/y\" or \"2/month\"", '/', units::parse_event_rate)
}

/// A share, written as a number.
pub(super) fn share(node: &Node) -> Result<f64, Fault> {
    number_in(node, 0.0, 1.0, "a share")
}

/// A number from `low` to `high`.
pub(super) fn number_in(node: &Node, low: f64, high: f64, what: &str) -> Result<f64, Fault> {
    let Some(number) = node.number() else {
        let fault = Fault::new(&node.place, format!("expected {what}, found {}", node.kind())).label("not a number");
        let plain = node.text().and_then(|text| text.trim_end_matches('%').trim().parse::<f64>().ok());
        return Err(match plain {
            Some(value) if node.text().is_some_and(|text| text.ends_with('%')) => {
                fault.help(format!("write it as a number: {}", value / 100.0))
            }
            Some(value) => fault.help(format!("write it without quotes: {value}")),
            None => fault,
        });
    };
    if number.is_finite() && number >= low && number <= high {
        return Ok(number);
    }
    let allowed = if high >= 1e9 { format!("from {low}") } else { format!("from {low} to {high}") };
    let fault = Fault::new(&node.place, format!("{} is not {what}", node.inline())).label(format!("must be {allowed}"));
    let percent = what.contains("share") && number > 1.0 && number <= 100.0;
    Err(if percent { fault.help(format!("as a share, {number}% is {}", number / 100.0)) } else { fault })
}

fn quantity(
    node: &Node,
    what: &str,
    examples: &str,
    unit: char,
    parse: fn(&str) -> Result<f64, UnitError>,
) -> Result<f64, Fault> {
    match &node.value {
        Value::Text(text) => parse(text).map_err(|error| {
            Fault::new(&node.place, format!("{} is not {what}", node.inline()))
                .label(error.0)
                .help(format!("write {what} like {examples}"))
        }),
        Value::Integer(_) | Value::Float(_) => {
            let number = node.inline();
            let corrected = match unit {
                'm' => format!("\"{number}s\", \"{number}m\" or \"{number}h\""),
                'G' => format!("\"{number} GiB\""),
                'R' => format!("\"{number} MiB/s\""),
                _ => format!("\"{number}/y\""),
            };
            Err(Fault::new(&node.place, format!("{what} needs a unit"))
                .label("a bare number")
                .help(format!("write {corrected}")))
        }
        Value::Bool(_) | Value::Date(_) | Value::List(_) | Value::Table(_) => {
            Err(Fault::new(&node.place, format!("expected {what}, found {}", node.kind()))
                .help(format!("write {what} like {examples}")))
        }
    }
}

fn one(node: &Node, of: Quantity) -> Result<f64, Fault> {
    match of {
        Quantity::Duration => duration(node),
        Quantity::Rate => rate(node),
        Quantity::Share => share(node),
    }
}

/// The families of distributions and the keys of their tables.
pub(super) const FAMILIES: [(&str, &[&str]); 12] = [
    ("exponential", &["mean"]),
    ("uniform", &["low", "high"]),
    ("triangular", &["low", "mode", "high"]),
    ("pert", &["low", "mode", "high"]),
    ("normal", &["mean", "sd"]),
    ("lognormal", &["median", "sigma", "mean", "sd"]),
    ("gamma", &["shape", "mean"]),
    ("weibull", &["shape", "scale"]),
    ("beta", &["mean", "sd"]),
    ("empirical", &["values", "file", "column", "unit"]),
    ("mixture", &[]),
    ("sum", &[]),
];

const CUT: [&str; 2] = ["at_least", "at_most"];

/// A distribution in any of its forms.
pub(super) fn dist(node: &Node, of: Quantity, files: &Files) -> Result<Dist, Vec<Fault>> {
    let dist = match &node.value {
        Value::Table(table) => family(node, table, of, files)?,
        Value::Text(text) if text.contains(" to ") => interval(node, text, of).map_err(|fault| vec![fault])?,
        Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::Date(_) | Value::List(_) => {
            let value = one(node, of).map_err(|fault| {
                vec![fault.help(
                    "a distribution is also \"5m to 30m\" or a table such as { exponential = { mean = \"1h\" } }",
                )]
            })?;
            Dist::constant(value).map_err(|error| vec![impossible(node, error)])?
        }
    };
    let (_, highest) = dist.bounds();
    match of {
        Quantity::Share if highest > 1.0 => Err(vec![
            Fault::new(&node.place, "a share cannot be more than 1")
                .label("can give more")
                .help("use beta, or at_most = 1"),
        ]),
        Quantity::Rate if dist.mean() <= 0.0 => Err(vec![Fault::new(&node.place, "a throughput of 0 never ends")]),
        Quantity::Share | Quantity::Rate | Quantity::Duration => Ok(dist),
    }
}

fn impossible(node: &Node, error: DistError) -> Fault {
    Fault::new(&node.place, "this distribution cannot be").label(error.0)
}

/// `"5m to 30m"`: the 5th and 95th percentile of a lognormal.
fn interval(node: &Node, text: &str, of: Quantity) -> Result<Dist, Fault> {
    let (low, high) = text.split_once(" to ").unwrap_or((text, ""));
    let part = |text: &str| {
        let value = match (of, text.trim().parse()) {
            (Quantity::Share, Ok(number)) => Value::Float(number),
            (Quantity::Share | Quantity::Duration | Quantity::Rate, _) => Value::Text(text.trim().into()),
        };
        one(&Node { value, place: node.place.clone() }, of)
    };
    let (low, high) = (part(low)?, part(high)?);
    if low >= high {
        return Err(Fault::new(&node.place, "an interval goes from the lower to the higher value")
            .label("5th and 95th percentile"));
    }
    Dist::lognormal_percentiles((0.05, low), (0.95, high)).map_err(|error| impossible(node, error))
}

fn family(node: &Node, table: &Table, of: Quantity, files: &Files) -> Result<Dist, Vec<Fault>> {
    let [entry] = table.entries.as_slice() else {
        let fault = Fault::new(&node.place, "a distribution is a table with one key, its family");
        return Err(vec![fault.allowed("", FAMILIES.iter().map(|(name, _)| *name))]);
    };
    let Some((name, keys)) = FAMILIES.iter().find(|(name, _)| *name == entry.key) else {
        let fault = Fault::new(&entry.place, format!("unknown family of distributions `{}`", entry.key));
        return Err(vec![fault.allowed(&entry.key, FAMILIES.iter().map(|(name, _)| *name))]);
    };
    match (&entry.node.value, *name) {
        (Value::List(parts), "mixture") => mixture(node, parts, of, files),
        (Value::List(parts), "sum") => sum(node, parts, of, files),
        (Value::Table(inner), _) if !keys.is_empty() => {
            let parameters = Parameters { node: &entry.node, table: inner, family: name, keys, of };
            parameters.dist(files)
        }
        _ => Err(vec![
            Fault::new(&entry.node.place, format!("`{name}` cannot be {}", entry.node.kind())).help(example(name)),
        ]),
    }
}

fn example(family: &str) -> String {
    let body = match family {
        "mixture" => "[{ weight = 0.6, of = \"1m\" }, { weight = 0.4, of = \"1h\" }]",
        "sum" => "[\"10m\", { exponential = { mean = \"5m\" } }]",
        "exponential" => "{ mean = \"60d\" }",
        "uniform" => "{ low = \"1m\", high = \"5m\" }",
        "triangular" | "pert" => "{ low = \"1m\", mode = \"2m\", high = \"5m\" }",
        "lognormal" => "{ median = \"10m\", sigma = 0.5 }",
        "gamma" => "{ shape = 2.0, mean = \"10m\" }",
        "weibull" => "{ shape = 1.5, scale = \"72h\" }",
        "beta" => "{ mean = 0.3, sd = 0.15 }",
        "empirical" => "{ values = [\"5m\", \"12m\"] }",
        _ => "{ mean = \"10m\", sd = \"2m\" }",
    };
    format!("for example {{ {family} = {body} }}")
}

fn mixture(node: &Node, parts: &[Node], of: Quantity, files: &Files) -> Result<Dist, Vec<Fault>> {
    let mut mixed = Vec::new();
    let mut faults = Vec::new();
    for part in parts {
        let table = part.table();
        let (Some(weight), Some(inner)) = (table.and_then(|t| t.get("weight")), table.and_then(|t| t.get("of"))) else {
            faults.push(
                Fault::new(&part.place, "a part of a mixture is { weight = ..., of = ... }").help(example("mixture")),
            );
            continue;
        };
        let extra = table.into_iter().flat_map(|t| &t.entries).filter(|e| e.key != "weight" && e.key != "of");
        faults.extend(extra.map(|e| unknown(&e.place, &e.key, "a part of a mixture", &["weight", "of"])));
        match (number_in(weight, 0.0, 1e9, "a weight"), dist(inner, of, files)) {
            (Ok(weight), Ok(inner)) => mixed.push((weight, inner)),
            (weight, inner) => {
                faults.extend(weight.err());
                faults.extend(inner.err().into_iter().flatten());
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Dist::mixture(mixed).map_err(|error| vec![impossible(node, error)])
}

fn sum(node: &Node, parts: &[Node], of: Quantity, files: &Files) -> Result<Dist, Vec<Fault>> {
    let mut terms = Vec::new();
    let mut faults = Vec::new();
    for part in parts {
        match dist(part, of, files) {
            Ok(term) => terms.push(term),
            Err(more) => faults.extend(more),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Dist::sum(terms).map_err(|error| vec![impossible(node, error)])
}

fn unknown(place: &super::tree::Place, key: &str, of: &str, keys: &[&str]) -> Fault {
    Fault::new(place, format!("unknown key `{key}` in {of}")).allowed(key, keys.iter().copied())
}

/// The table of a family.
struct Parameters<'a> {
    node: &'a Node,
    table: &'a Table,
    family: &'static str,
    keys: &'static [&'static str],
    of: Quantity,
}

impl Parameters<'_> {
    fn dist(&self, files: &Files) -> Result<Dist, Vec<Fault>> {
        let faults: Vec<Fault> =
            self.table.entries.iter().filter(|e| !self.knows(&e.key)).map(|e| self.stranger(e)).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let whole = self.uncut(files).map_err(|fault| vec![fault])?;
        let low = self.table.get("at_least").map(|node| one(node, self.of)).transpose().map_err(|f| vec![f])?;
        let high = self.table.get("at_most").map(|node| one(node, self.of)).transpose().map_err(|f| vec![f])?;
        if low.is_none() && high.is_none() {
            return Ok(whole);
        }
        whole.between(low, high).map_err(|error| vec![impossible(self.node, error)])
    }

    fn knows(&self, key: &str) -> bool {
        self.keys.contains(&key) || CUT.contains(&key) || (self.family == "lognormal" && percentile(key).is_some())
    }

    fn stranger(&self, entry: &super::tree::Entry) -> Fault {
        let keys: Vec<&str> = self.keys.iter().copied().chain(CUT).collect();
        unknown(&entry.place, &entry.key, &format!("`{}`", self.family), &keys)
    }

    fn uncut(&self, files: &Files) -> Result<Dist, Fault> {
        let made = match self.family {
            "exponential" => Dist::exponential(self.quantity("mean")?),
            "uniform" => Dist::uniform(self.quantity("low")?, self.quantity("high")?),
            "triangular" => Dist::triangular(self.quantity("low")?, self.quantity("mode")?, self.quantity("high")?),
            "pert" => Dist::pert(self.quantity("low")?, self.quantity("mode")?, self.quantity("high")?),
            "normal" => Dist::normal(self.quantity("mean")?, self.quantity("sd")?),
            "lognormal" => return self.lognormal(),
            "gamma" => Dist::gamma(self.plain("shape")?, self.quantity("mean")?),
            "weibull" => Dist::weibull(self.plain("shape")?, self.quantity("scale")?),
            "beta" if self.of != Quantity::Share => {
                return Err(Fault::new(&self.node.place, "a beta distribution is of shares only"));
            }
            "beta" => Dist::beta(self.quantity("mean")?, self.quantity("sd")?),
            _ => Dist::empirical(self.values(files)?),
        };
        made.map_err(|error| impossible(self.node, error))
    }

    fn lognormal(&self) -> Result<Dist, Fault> {
        let percentiles: Vec<(f64, &Node)> =
            self.table.entries.iter().filter_map(|e| Some((percentile(&e.key)?, &e.node))).collect();
        let named: Vec<&str> =
            self.table.entries.iter().map(|e| e.key.as_str()).filter(|key| self.keys.contains(key)).collect();
        let has = |a, b| named.len() == 2 && named.contains(&a) && named.contains(&b);
        let made = match percentiles.as_slice() {
            [] if has("median", "sigma") => Dist::lognormal_median(self.quantity("median")?, self.plain("sigma")?),
            [] if has("mean", "sd") => Dist::lognormal_mean_sd(self.quantity("mean")?, self.quantity("sd")?),
            [(p, x), (q, y)] if named.is_empty() => {
                Dist::lognormal_percentiles((*p, one(x, self.of)?), (*q, one(y, self.of)?))
            }
            _ => {
                return Err(Fault::new(
                    &self.node.place,
                    "a lognormal has a median and a sigma, a mean and an sd, or two percentiles",
                )
                .help("for example { lognormal = { p50 = \"8m\", p95 = \"1h\" } }"));
            }
        };
        made.map_err(|error| impossible(self.node, error))
    }

    fn values(&self, files: &Files) -> Result<Vec<f64>, Fault> {
        if let Some(node) = self.table.get("values") {
            let Value::List(values) = &node.value else {
                return Err(Fault::new(&node.place, format!("expected a list, found {}", node.kind()))
                    .help(example("empirical")));
            };
            return values.iter().map(|value| one(value, self.of)).collect();
        }
        let Some(file) = self.table.get("file") else {
            return Err(Fault::new(&self.node.place, "`empirical` needs `values` or `file`").help(example("empirical")));
        };
        let path = file.text().ok_or_else(|| Fault::new(&file.place, "a path is text"))?;
        let text = files(path).map_err(|error| Fault::new(&file.place, format!("cannot read {path}: {error}")))?;
        let unit = self.table.text("unit").unwrap_or("");
        column(&text, self.table.text("column"), unit, self.of)
            .map_err(|problem| Fault::new(&file.place, format!("{path}: {problem}")))
    }

    fn get(&self, key: &str) -> Result<&Node, Fault> {
        self.table.get(key).ok_or_else(|| {
            Fault::new(&self.node.place, format!("`{}` needs `{key}`", self.family)).help(example(self.family))
        })
    }

    fn quantity(&self, key: &str) -> Result<f64, Fault> {
        one(self.get(key)?, self.of)
    }

    fn plain(&self, key: &str) -> Result<f64, Fault> {
        number_in(self.get(key)?, 0.0, 1e9, &format!("a {key}"))
    }
}

/// `p95` or `p99.9`: a probability.
fn percentile(key: &str) -> Option<f64> {
    let percent: f64 = key.strip_prefix('p')?.parse().ok()?;
    (percent > 0.0 && percent < 100.0).then_some(percent / 100.0)
}

/// The numbers of a column of a CSV text, in `unit`.
fn column(text: &str, name: Option<&str>, unit: &str, of: Quantity) -> Result<Vec<f64>, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    let all = || headers.iter().collect::<Vec<_>>().join(", ");
    let index = match name {
        Some(name) => headers
            .iter()
            .position(|header| header == name)
            .ok_or_else(|| format!("has no column `{name}`; its columns are {}", all()))?,
        None if headers.len() == 1 => 0,
        None => return Err(format!("say which `column`: {}", all())),
    };
    let mut values = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let cell = record.get(index).unwrap_or("");
        if cell.is_empty() {
            continue;
        }
        let number: f64 = cell.parse().map_err(|_| format!("`{cell}` is not a number"))?;
        values.push(scaled(number, unit, of)?);
    }
    if values.is_empty() { Err("has no values".into()) } else { Ok(values) }
}

fn scaled(number: f64, unit: &str, of: Quantity) -> Result<f64, String> {
    let factor = match of {
        Quantity::Duration => units::parse_duration(&format!("1{unit}")),
        Quantity::Rate => units::parse_rate(&format!("1 {unit}")),
        Quantity::Share => Ok(1.0),
    };
    let factor = factor.map_err(|error| format!("`unit`: {}", error.0))?;
    if number >= 0.0 && number.is_finite() {
        Ok(number * factor)
    } else {
        Err(format!("{number} is negative or not finite"))
    }
}
