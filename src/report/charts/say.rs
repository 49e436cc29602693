//! Quantities as people say them.

/// A length of time: `90 s`, `4.2 min`, `3 h 10 min`.
pub(super) fn duration(seconds: f64) -> String {
    const MINUTE: f64 = 60.0;
    const HOUR: f64 = 3600.0;
    const DAY: f64 = 86_400.0;
    const YEAR: f64 = 365.0 * DAY;
    if seconds.is_infinite() {
        "never".into()
    } else if seconds <= 0.0 {
        "0 s".into()
    } else if seconds < 0.9995 {
        format!("{} ms", figures(seconds * 1e3))
    } else if seconds < 99.95 && (seconds < MINUTE - 0.05 || seconds % MINUTE != 0.0) {
        format!("{} s", figures(seconds))
    } else if seconds < HOUR * 0.9999 {
        format!("{} min", figures(seconds / MINUTE))
    } else if seconds < DAY * 0.9999 {
        two(seconds, HOUR, "h", MINUTE, "min")
    } else if seconds < YEAR * 0.9999 {
        two(seconds, DAY, "d", HOUR, "h")
    } else {
        format!("{} y", figures(seconds / YEAR))
    }
}

fn two(seconds: f64, unit: f64, name: &str, part: f64, part_name: &str) -> String {
    let parts = (seconds / part).round();
    let whole = (parts * part / unit).floor();
    let rest = parts - whole * (unit / part);
    if rest == 0.0 || whole >= 10.0 && unit > 3600.0 {
        format!("{} {name}", (seconds / unit).round())
    } else {
        format!("{whole} {name} {rest} {part_name}")
    }
}

/// Three figures at most: `4.2`, `31`, `203`.
fn figures(value: f64) -> String {
    if value >= 9.95 { format!("{value:.0}") } else { trimmed(format!("{value:.1}")) }
}

fn trimmed(text: String) -> String {
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_string(),
        None => text,
    }
}

/// An amount of money, short: `950`, `31,000`, `1.2 M`.
pub(super) fn money(amount: f64) -> String {
    let size = amount.abs();
    if size >= 1e15 {
        format!("{amount:.0e}")
    } else if size >= 0.9995e9 {
        format!("{} bn", figures_signed(amount / 1e9))
    } else if size >= 0.9995e6 {
        format!("{} M", figures_signed(amount / 1e6))
    } else if size >= 10.0 {
        let unit = 10f64.powi((size.log10().floor() as i32 - 2).max(0));
        thousands((amount / unit).round() * unit)
    } else if size >= 0.01 || size == 0.0 {
        trimmed(format!("{amount:.2}")).replace(".00", "")
    } else {
        format!("{amount:.0e}")
    }
}

fn figures_signed(value: f64) -> String {
    let size = value.abs();
    let digits = if size >= 99.95 {
        0
    } else if size >= 9.995 {
        1
    } else {
        2
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

fn thousands(amount: f64) -> String {
    let digits = format!("{:.0}", amount.abs());
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if amount < 0.0 { format!("-{grouped}") } else { grouped }
}

/// A whole number with its thousands apart.
pub(super) fn count(number: u64) -> String {
    thousands(number as f64)
}

/// A share as a percentage that never rounds to certainty: `99.97%`, `> 99.99%`, `0.4%`, `< 0.01%`.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if share > 0.0 && percent < 0.01 {
        "< 0.01%".into()
    } else if share < 1.0 && percent > 99.99 {
        "> 99.99%".into()
    } else if !(1.0..=99.0).contains(&percent) && share > 0.0 && share < 1.0 {
        format!("{}%", format!("{percent:.2}").trim_end_matches('0').trim_end_matches('.'))
    } else {
        format!("{}%", trimmed(format!("{percent:.1}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        let said =
            [0.0, 0.2, 1.0, 10.0, 60.0, 75.0, 90.0, 252.0, 600.0, 3600.0, 11_400.0, 14_400.0, 86_400.0, 604_800.0];
        let said: Vec<String> = said.into_iter().map(duration).collect();
        let expected = [
            "0 s",
            "200 ms",
            "1 s",
            "10 s",
            "1 min",
            "75 s",
            "90 s",
            "4.2 min",
            "10 min",
            "1 h",
            "3 h 10 min",
            "4 h",
            "1 d",
            "7 d",
        ];
        assert_eq!(said, expected);
        assert_eq!(duration(f64::INFINITY), "never");
        assert_eq!(duration(365.0 * 86_400.0), "1 y");
        assert_eq!(duration(30.0 * 86_400.0), "30 d");
        assert_eq!(duration(3600.0 - 0.01), "1 h");
    }

    #[test]
    fn shares_never_round_to_certainty() {
        assert_eq!(percent(0.99999), "> 99.99%");
        assert_eq!(percent(0.00001), "< 0.01%");
        assert_eq!(percent(0.992), "99.2%");
        assert_eq!(percent(0.9997), "99.97%");
        assert_eq!((percent(1.0), percent(0.0)), ("100%".into(), "0%".into()));
    }

    #[test]
    fn money_is_short() {
        let said: Vec<String> =
            [0.0, 0.115, 950.0, 31_234.0, 1_234_567.0, 2e9, -5000.0].into_iter().map(money).collect();
        assert_eq!(said, ["0", "0.12", "950", "31,200", "1.23 M", "2 bn", "-5,000"]);
    }
}
