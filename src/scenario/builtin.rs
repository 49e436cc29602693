//! The built-in strategies: fragments of scenario text, one for each kind, readiness and, in active/active, writes.

use super::tree::{self, Table, Text, Texts};

/// A built-in strategy.
#[derive(Debug)]
pub(super) struct Fragment {
    /// As messages and comments show it.
    name: &'static str,
    text: &'static str,
}

macro_rules! fragments {
    ($($kind:literal, $readiness:literal, $writes:literal, $file:literal;)*) => {
        [$(($kind, $readiness, $writes, Fragment {
            name: concat!("built-in ", $kind, ", ", $readiness),
            text: include_str!(concat!("builtin/", $file, "-", $readiness, ".toml")),
        })),*]
    };
}

static FRAGMENTS: [(&str, &str, &str, Fragment); 14] = fragments! {
    "backup-restore", "practised", "", "backup-restore";
    "backup-restore", "typical", "", "backup-restore";
    "pilot-light", "practised", "", "pilot-light";
    "pilot-light", "typical", "", "pilot-light";
    "warm-standby", "practised", "", "warm-standby";
    "warm-standby", "typical", "", "warm-standby";
    "hot-standby", "practised", "", "hot-standby";
    "hot-standby", "typical", "", "hot-standby";
    "active-active", "practised", "local", "active-active";
    "active-active", "typical", "local", "active-active";
    "active-active", "practised", "global", "active-active-global";
    "active-active", "typical", "global", "active-active-global";
    "active-active", "practised", "partitioned", "active-active-partitioned";
    "active-active", "typical", "partitioned", "active-active-partitioned";
};

/// The built-in strategy of this kind, if there is one.
pub(super) fn find(kind: &str, readiness: &str, writes: &str) -> Option<&'static Fragment> {
    let fits =
        |of: &&(&str, &str, &str, Fragment)| of.0 == kind && of.1 == readiness && (of.2.is_empty() || of.2 == writes);
    FRAGMENTS.iter().find(fits).map(|(.., fragment)| fragment)
}

impl Fragment {
    /// Its tree; the text is added to the texts unless it is there.
    pub(super) fn tree(&self, texts: &mut Texts) -> Table {
        let index = texts.iter().position(|text| text.text == self.text).unwrap_or_else(|| {
            texts.push(Text { name: self.name.into(), text: self.text.into() });
            texts.len() - 1
        });
        match tree::parse(self.text, index) {
            Ok(table) => table,
            Err((_, error)) => panic!("{}: {error}", self.name),
        }
    }
}
