//! Compares the output of two runs line by line, with a list of known differences.

use semver::{Comparator, Version, VersionReq};
use serde::Deserialize;

use crate::Result;

/// The list of known differences.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    difference: Vec<Difference>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Difference {
    why: String,
    #[serde(rename = "in")]
    versions: Vec<VersionReq>,
    /// `true` if the difference exists only with a global lock.
    #[serde(default)]
    with_lock: bool,
    cases: Vec<Known>,
}

/// A case with the outcome that it must have on each module.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Known {
    case: String,
    built_in: String,
    ours: String,
}

/// Reads the cases of the list that apply to this version, with or without a global lock.
///
/// # Errors
///
/// If the list is invalid: one line that names the entry.
pub fn known(list: &str, version: &Version, has_lock: bool) -> Result<Vec<Known>> {
    let list: List = toml::from_str(list).map_err(|error| format!("known differences: {error}"))?;
    let mut cases = list.difference.iter().flat_map(|one| &one.cases);
    if let Some(same) = cases.find(|known| known.built_in == known.ours) {
        return Err(format!("known differences: `{}` is no difference", same.case).into());
    }
    let in_it = |range: &VersionReq, it: &Comparator| {
        let bound = Version::new(it.major, it.minor.unwrap_or(0), it.patch.unwrap_or(0));
        range.matches(&bound)
    };
    // A range that is not empty contains its own lower bound.
    let is_empty = |range: &&VersionReq| !range.comparators.iter().any(|it| in_it(range, it));
    for Difference { why, versions, .. } in &list.difference {
        if let Some(range) = versions.iter().find(is_empty) {
            let wrong = format!("`{range}` is empty or does not begin with `>=`");
            return Err(format!("known differences: `{why}`: the range {wrong}").into());
        }
    }
    let applies = |one: &Difference| {
        let is_in = one.versions.iter().any(|range| range.matches(version));
        is_in && (has_lock || !one.with_lock)
    };
    let these = list.difference.into_iter().filter(applies);
    Ok(these.flat_map(|one| one.cases).collect())
}

/// Compares two runs. Returns the number of lines.
///
/// # Errors
///
/// The first line that differs and is not a known difference. Also a known difference that did not
/// occur as listed, or whose case did not run.
pub fn compare(built_in: &str, ours: &str, known: &[Known]) -> Result<usize> {
    let mut met = vec![false; known.len()];
    let count = built_in.lines().count().max(ours.lines().count());
    let padded = |text| {
        let lines = str::lines(text).chain(std::iter::repeat("(nothing)"));
        lines.enumerate().take(count)
    };
    for ((number, left), (_, right)) in padded(built_in).zip(padded(ours)) {
        let case = left.split_once(" => ").map_or(left, |(case, _)| case);
        let (same, note) = match known.iter().position(|known| known.case == case) {
            Some(index) => {
                met[index] = true;
                let Known { built_in, ours, .. } = &known[index];
                let expected = [built_in, ours].map(|end| format!("{case} => {end}"));
                (expected == [left, right], " (not the known difference)")
            }
            None => (left == right, ""),
        };
        if !same {
            let number = number + 1;
            let both = format!("  built-in  {left}\n  ours      {right}");
            return Err(format!("line {number} differs{note}:\n{both}").into());
        }
    }
    match met.iter().position(|met| !met) {
        Some(index) => {
            Err(format!("a known difference did not occur: `{}`", known[index].case).into())
        }
        None if count == 0 => Err("nothing was printed".into()),
        None => Ok(count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "[[difference]]\nwhy = 'new'\nin = ['>=3.11.0, <3.12.4', '>=3.13.2']\n\n\
                        [[difference.cases]]\ncase = 'b'\nbuilt-in = '1'\nours = '2'\n";

    fn error<T>(result: Result<T>) -> String {
        result.err().expect("it is refused").to_string()
    }

    #[test]
    fn the_first_difference_is_shown_with_both_sides() {
        assert_eq!(
            compare("a => 1\nb => 2\n", "a => 1\nb => 2\n", &[]).unwrap(),
            2
        );
        let differs = error(compare("a => 1\nb => 2\n", "a => 1\nb => 3\n", &[]));
        assert_eq!(
            differs,
            "line 2 differs:\n  built-in  b => 2\n  ours      b => 3"
        );
        let shorter = error(compare("a => 1\nb => 2\n", "a => 1\n", &[]));
        assert!(shorter.contains("ours      (nothing)"), "{shorter}");
        assert_eq!(error(compare("", "", &[])), "nothing was printed");
    }

    #[test]
    fn a_known_difference_must_be_exactly_as_listed_in_its_versions() {
        let of = |patch| known(LIST, &Version::new(3, 12, patch), true).unwrap();
        let locked = LIST.replace(
            "[[difference.cases]]",
            "with-lock = true\n[[difference.cases]]",
        );
        let without = known(&locked, &Version::new(3, 12, 0), false).unwrap();
        assert_eq!(without.len(), 0);
        assert_eq!(compare("b => 1\n", "b => 2\n", &of(3)).unwrap(), 1);
        for wrong in ["b => 1\n", "b => 3\n"] {
            let error = error(compare("b => 1\n", wrong, &of(3)));
            assert!(error.contains("not the known difference"), "{error}");
        }
        assert_eq!(compare("b => 1\n", "b => 1\n", &of(4)).unwrap(), 1);
        error(compare("b => 1\n", "b => 2\n", &of(4)));
        let unmet = error(compare("a => 1\n", "a => 1\n", &of(0)));
        assert_eq!(unmet, "a known difference did not occur: `b`");
    }

    #[test]
    fn the_error_of_an_invalid_list_names_the_entry() {
        let wrong = |from, to| {
            error(known(
                &LIST.replace(from, to),
                &Version::new(3, 11, 0),
                true,
            ))
        };
        assert!(wrong("ours = '2'", "ours = '1'").contains("`b` is no difference"));
        assert!(wrong("<3.12.4", "< x").contains("known differences: "));
        let empty = "`new`: the range `>=3.11.0, <3.10.4` is empty";
        assert!(wrong("<3.12.4", "<3.10.4").contains(empty));
        assert!(wrong("case =", "cause =").contains("cause"));
    }
}
