//! Pieces that several sections are made of: tables, verdicts, figures in words.

use maud::{Markup, html};

use super::say;
use crate::summary::{Figure, Verdict};

/// A table with a caption; the first cell of each row is its header. It scrolls on a narrow screen.
pub(super) fn table(caption: &str, columns: &[&str], rows: &[Vec<Markup>]) -> Markup {
    assert!(rows.iter().all(|row| row.len() == columns.len()), "{caption}: a cell for each column");
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table {
                caption { span { (caption) } }
                thead { tr { @for column in columns { th scope="col" { (column) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (place, cell) in row.iter().enumerate() {
                                @if place == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A text as a cell.
pub(super) fn text(text: impl AsRef<str>) -> Markup {
    html! { (text.as_ref()) }
}

/// A quantity as a cell, which no line break divides.
pub(super) fn whole(text: impl AsRef<str>) -> Markup {
    html! { (text.as_ref().replace(' ', "\u{a0}")) }
}

/// The sentence that a section is about.
pub(super) fn finding(text: &str) -> Markup {
    html! { p.finding { (sentence(text)) } }
}

/// With a capital at its beginning, which may be a name.
pub(super) fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or(String::new(), |first| first.to_uppercase().chain(rest).collect())
}

/// So many, in the singular or the plural.
pub(super) fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", say::count(count), if count == 1 { "" } else { "s" })
}

/// A verdict: a word, and a sign for those who do not see its colour.
pub(super) fn verdict(verdict: Verdict) -> Markup {
    let (class, sign) = match verdict {
        Verdict::Met => ("met", "✓"),
        Verdict::Missed => ("missed", "✗"),
        Verdict::NotShown => ("not-shown", "?"),
    };
    html! { span class={ "verdict " (class) } { span aria-hidden="true" { (sign) } " " (verdict.name()) } }
}

/// A share and its interval.
pub(super) fn share(figure: Option<Figure>) -> Markup {
    match figure {
        None => html! { "-" },
        Some(figure) => html! { (say::percent(figure.value)) @if let Some(range) = range(figure, say::percent) {
            " " small.whole { (range) }
        } },
    }
}

/// A length of time; `None` where too few incidents were seen.
pub(super) fn time(figure: Option<Figure>) -> Markup {
    match figure {
        None => html! { small { "too few" } },
        Some(figure) if figure.value.is_infinite() => html! { "all lost" },
        Some(figure) => whole(say::duration(figure.value)),
    }
}

/// An amount of money.
pub(super) fn money(figure: Option<Figure>) -> Markup {
    match figure {
        None => html! { small { "too few" } },
        Some(figure) => html! { (whole(say::money(figure.value))) @if let Some(range) = range(figure, say::money) {
            " " small.whole { (range) }
        } },
    }
}

/// The interval of a figure in brackets.
fn range(figure: Figure, said: fn(f64) -> String) -> Option<String> {
    let (low, high) = (figure.ci_low?, figure.ci_high?);
    let (low, high) = (said(low), said(high));
    let bound = |text: &str| text.starts_with(['<', '>', '-']);
    let range = match (bound(&low) || bound(&high), low.strip_suffix('%')) {
        (false, bare) => format!("({}–{high})", bare.unwrap_or(&low)),
        (true, _) => format!("({low} to {high})"),
    };
    Some(range.replace(' ', "\u{a0}"))
}

/// `a, b and c`.
pub(super) fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
