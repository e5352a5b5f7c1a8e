//! The time of a request.

use std::ops::RangeInclusive;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Returns the seconds since 1970 of a time like `10/Oct/2000:13:55:36 -0700`.
pub fn parse(text: &str) -> Option<i64> {
    let (local, zone) = text.split_once(' ')?;
    let (date, clock) = local.split_once(':')?;
    let [day, month, year] = split(date, '/')?;
    let [hour, minute, second] = split(clock, ':')?;

    let year = number(year, 4, 0..=9999)?;
    let month = MONTHS.iter().position(|name| *name == month)? as i64 + 1;
    let day = number(day, 2, 1..=days_in(year, month))?;
    let hour = number(hour, 2, 0..=23)?;
    let minute = number(minute, 2, 0..=59)?;
    // A leap second is the 61st of its minute.
    let second = number(second, 2, 0..=60)?;

    let seconds = (hour * 60 + minute) * 60 + second;
    Some(days_before(year, month, day) * 86_400 + seconds - offset(zone)?)
}

/// Returns the seconds that a zone like `-0700` is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    let (hours, minutes) = zone.get(1..)?.split_at_checked(2)?;
    let ahead = (number(hours, 2, 0..=23)? * 60 + number(minutes, 2, 0..=59)?) * 60;
    match zone.as_bytes()[0] {
        b'+' => Some(ahead),
        b'-' => Some(-ahead),
        _ => None,
    }
}

fn split(text: &str, separator: char) -> Option<[&str; 3]> {
    let mut parts = text.split(separator);
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

fn number(digits: &str, width: usize, range: RangeInclusive<i64>) -> Option<i64> {
    let plain = digits.len() == width && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| plain)?;
    range.contains(&number).then_some(number)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the days from 1970 to a date of the Gregorian calendar.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    // Leap days before a year, counted from year 0.
    let leap_days = |year: i64| {
        let past = year - 1;
        past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400)
    };
    let years = (year - 1970) * 365 + leap_days(year) - leap_days(1970);
    let months: i64 = (1..month).map(|month| days_in(year, month)).sum();
    years + months + day - 1
}
