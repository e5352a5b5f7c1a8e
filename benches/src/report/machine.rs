//! Where and when a report was made, and of what.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::groups::{Group, Plan};

/// Where and when a report was made, and of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Whether it was a first look only.
    pub quick: bool,
    /// What the cells' titles had to contain; where this is not empty, cells are missing.
    pub only: Vec<String>,
    /// The day, as year, month and day.
    pub date: String,
    /// The processor and the system.
    pub machine: String,
    /// Each library and tool with its version.
    pub versions: BTreeMap<String, String>,
}

impl Run {
    /// Describes a run of `groups` by `plan` on this machine, now.
    pub fn here(groups: &[&Group], plan: &Plan<'_>) -> Run {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let (os, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
        let mut versions: BTreeMap<String, String> = groups
            .iter()
            .flat_map(|group| group.libraries)
            .filter_map(|name| Some((name.to_string(), locked(name)?)))
            .collect();
        versions.extend(rustc().map(|version| ("rustc".into(), version)));
        let python = plan.python;
        versions.extend(python.map(|python| ("CPython".into(), python.version())));
        Run {
            quick: plan.quick,
            only: plan.only.clone(),
            date: date(SystemTime::now()),
            machine: format!("{}, {cores} cores, {architecture} {os}", processor()),
            versions,
        }
    }
}

/// The version of a package that this was built with.
fn locked(package: &str) -> Option<String> {
    let lock = include_str!("../../../Cargo.lock");
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    let version = lines.next()?.strip_prefix("version = ")?;
    Some(version.trim_matches('"').into())
}

/// The compiler's version.
fn rustc() -> Option<String> {
    let asked = Command::new("rustc").arg("--version").output().ok()?;
    let said = String::from_utf8(asked.stdout).ok()?;
    Some(said.split(' ').nth(1)?.into())
}

/// What the system calls its processor, where it says so in a file or by `sysctl`.
fn processor() -> String {
    let of_file = || {
        let text = fs::read_to_string("/proc/cpuinfo").ok()?;
        let mut names = text.lines().filter(|line| line.starts_with("model name"));
        Some(names.next()?.split_once(':')?.1.trim().to_string())
    };
    let of_sysctl = || {
        let asked = Command::new("sysctl")
            .args(["-n", "machdep.cpu.brand_string"])
            .output();
        let name = String::from_utf8(asked.ok()?.stdout).ok()?;
        Some(name.trim().to_string()).filter(|name| !name.is_empty())
    };
    of_file()
        .or_else(of_sysctl)
        .unwrap_or_else(|| "a processor that does not say its name".into())
}

/// The day of a time, in the calendar of UTC.
fn date(time: SystemTime) -> String {
    let days = time
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() / 86_400);
    // Howard Hinnant's `civil_from_days`: years that begin in March, in eras of 400.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_version_is_that_of_the_lock_file() {
        assert_eq!(
            locked("benches").as_deref(),
            Some(env!("CARGO_PKG_VERSION"))
        );
        assert_eq!(locked("no-such-package"), None);
    }

    #[test]
    fn a_time_is_on_its_day() {
        let day = |seconds| date(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(951_782_399), "2000-02-28");
        assert_eq!(day(951_782_400), "2000-02-29");
        assert_eq!(day(1_798_761_599), "2026-12-31");
        assert_eq!(day(1_798_761_600), "2027-01-01");
    }
}
