//! What is wrong with a scenario: place, message, what is allowed.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::tree::{Place, Texts};

/// An error or warning about a scenario, with the text that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the scenario cannot be run.
    pub severity: Severity,
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// What is allowed, the nearest valid word, the corrected line.
    pub help: Vec<String>,
    /// Name of the text: the file, or the `--set` argument.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// The bytes of it that are marked.
    pub span: Range<usize>,
    /// What stands beside the mark; may be empty.
    pub label: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The scenario cannot be run.
    Error,
    /// It can, yet it may not say what was meant.
    Warning,
}

impl Diagnostic {
    /// The line, from 1, of the marked text.
    pub fn line(&self) -> usize {
        self.text[..self.span.start.min(self.text.len())].matches('\n').count() + 1
    }

    /// For a terminal: the lines concerned, the text marked, what to do about it.
    pub fn render(&self, colour: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut mark = AnnotationKind::Primary.span(self.span.clone());
        if !self.label.is_empty() {
            mark = mark.label(self.label.as_str());
        }
        let snippet = Snippet::source(self.text.as_str()).path(self.name.as_str()).annotation(mark);
        let mut group = level.primary_title(self.message.as_str()).element(snippet);
        for help in &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.decor_style(DecorStyle::Ascii).render(&[group])
    }
}

/// What is wrong, before its text is looked up.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) severity: Severity,
    pub(super) place: Place,
    pub(super) message: String,
    pub(super) label: String,
    pub(super) help: Vec<String>,
}

impl Fault {
    pub(super) fn new(place: &Place, message: impl Into<String>) -> Fault {
        Fault {
            severity: Severity::Error,
            place: place.clone(),
            message: message.into(),
            label: String::new(),
            help: Vec::new(),
        }
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Fault {
        self.label = label.into();
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Fault {
        self.help.push(help.into());
        self
    }

    /// Names the nearest of the words that are allowed, then all of them.
    pub(super) fn allowed<'a>(self, word: &str, words: impl IntoIterator<Item = &'a str>) -> Fault {
        let words: Vec<&str> = words.into_iter().collect();
        let mut fault = self;
        if let Some(near) = nearest(word, &words) {
            fault = fault.help(format!("did you mean `{near}`?"));
        }
        if words.is_empty() { fault } else { fault.help(format!("allowed: {}", words.join(", "))) }
    }

    pub(super) fn warning(mut self) -> Fault {
        self.severity = Severity::Warning;
        self
    }

    pub(super) fn diagnostic(self, texts: &Texts) -> Diagnostic {
        let source = &texts[self.place.text];
        let end = source.text.len();
        let span = self.place.span.start.min(end)..self.place.span.end.min(end);
        Diagnostic {
            severity: self.severity,
            message: self.message,
            help: self.help,
            name: source.name.clone(),
            text: source.text.clone(),
            span: first_line(&source.text, span),
            label: self.label,
        }
    }
}

/// A mark over many lines says less than one on the first.
fn first_line(text: &str, span: Range<usize>) -> Range<usize> {
    let end = text[span.clone()].find('\n').map_or(span.end, |length| span.start + length);
    span.start..end
}

/// The nearest of the words, if one is near enough to be meant.
pub(super) fn nearest<'a>(word: &str, words: &[&'a str]) -> Option<&'a str> {
    let begins = |known: &&&str| word.len() >= 3 && known.starts_with(word);
    if let Some(longer) = words.iter().find(begins) {
        return Some(*longer);
    }
    let distance = |known: &&&str| strsim::damerau_levenshtein(word, known);
    let best = words.iter().min_by_key(distance)?;
    let close = strsim::damerau_levenshtein(word, best) <= (word.len().max(best.len()) / 3).max(1);
    (close || strsim::jaro_winkler(word, best) > 0.88).then_some(*best)
}
