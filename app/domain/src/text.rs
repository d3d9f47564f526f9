//! How are times and ages written? Without a time-zone database, so that server and browser write the same text.

/// `8 s`, `5 min`, `3 h`, `41 days`, `8 months`, `2 years`: the largest unit, rounded down. Never negative.
pub fn age(since: i64, now: i64) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let seconds = now.saturating_sub(since).max(0);
    let plural = |n: i64, unit: &str| if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") };
    match seconds {
        0..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        _ => match seconds / DAY {
            days @ 0..60 => plural(days, "day"),
            days @ 60..730 => plural(days / 30, "month"),
            days => plural(days / 365, "year"),
        },
    }
}

/// `21 Mar 2026, 14:02:07 UTC`. Proleptic Gregorian calendar.
pub fn date(seconds: i64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let rest = seconds.rem_euclid(86_400);
    let month = usize::try_from(month - 1).ok().and_then(|i| MONTHS.get(i)).copied().unwrap_or_default();
    format!("{day} {month} {year}, {:02}:{:02}:{:02} UTC", rest / 3600, rest / 60 % 60, rest % 60)
}

/// `21 Mar 2026`.
pub fn day(seconds: i64) -> String {
    date(seconds).split(',').next().unwrap_or_default().to_owned()
}

/// `2026-03-21T14:02:07Z`, for the `datetime` attribute (RFC 3339).
pub fn machine_date(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let rest = seconds.rem_euclid(86_400);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Whether a character cannot be seen, or turns the direction of what stands around it: control characters, zero-width ones,
/// marks and isolates of bidirectional text (Unicode, UAX 9).
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Year, month and day of a day number since 1970, counted in eras of 400 years that begin on 1 March.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ages_use_the_largest_unit_and_are_never_negative() {
        for (seconds, text) in [
            (-5, "0 s"),
            (12, "12 s"),
            (120, "2 min"),
            (3 * 3600, "3 h"),
            (86_400, "1 day"),
            (41 * 86_400, "41 days"),
            (245 * 86_400, "8 months"),
            (800 * 86_400, "2 years"),
        ] {
            assert_eq!(age(0, seconds), text);
        }
    }

    #[test]
    fn dates_are_the_calendars() {
        assert_eq!(date(0), "1 Jan 1970, 00:00:00 UTC");
        assert_eq!(date(1_774_101_727), "21 Mar 2026, 14:02:07 UTC");
        assert_eq!(day(1_774_101_727), "21 Mar 2026");
        assert_eq!(machine_date(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(machine_date(-1), "1969-12-31T23:59:59Z");
    }

    proptest! {
        #[test]
        fn the_next_day_is_the_next_date(day in -1_000_000i64..1_000_000) {
            prop_assert!(civil(day) < civil(day + 1));
        }
    }
}
