//! Compares what two runs print, line by line, and knows the differences that are meant.

use std::ops::Range;

type Version = (u32, u32, u32);

/// Above every version: the end of a range without one.
const NONE: Version = (u32::MAX, 0, 0);

type Result<T> = std::result::Result<T, String>;

/// A difference that is meant: the case, and both outcomes.
#[derive(Debug, PartialEq, Eq)]
pub struct Known {
    versions: Vec<Range<Version>>,
    case: String,
    built_in: String,
    ours: String,
}

impl Known {
    pub fn applies(&self, version: Version) -> bool {
        self.versions.iter().any(|range| range.contains(&version))
    }
}

/// Reads the list of differences that are meant.
///
/// # Errors
///
/// One line that names the place.
pub fn known(list: &str) -> Result<Vec<Known>> {
    let mut all: Vec<Known> = Vec::new();
    let mut versions = None;
    let mut why = false;
    for (number, line) in list.lines().enumerate() {
        let wrong = |what| format!("known differences, line {}: {what}", number + 1);
        let (key, value) = match line.split_once(": ") {
            _ if line.trim().is_empty() || line.starts_with('#') => continue,
            Some(pair) => pair,
            None => return Err(wrong("it is no `key: value`")),
        };
        match (key, all.last_mut()) {
            ("why", _) => (why, versions) = (true, None),
            ("in", _) if why => {
                let parsed = value.split(", ").map(range).collect::<Option<Vec<_>>>();
                versions = Some(
                    parsed.ok_or_else(|| wrong("versions are `3.11.0 .. 3.14.10, 3.15.0 ..`"))?,
                );
            }
            ("case", _) => {
                let versions = versions.clone();
                let versions = versions.ok_or_else(|| wrong("it has no `why` and `in`"))?;
                let (built_in, ours) = (String::new(), String::new());
                all.push(Known {
                    versions,
                    case: value.into(),
                    built_in,
                    ours,
                });
            }
            ("built-in", Some(last)) => last.built_in = value.into(),
            ("ours", Some(last)) => last.ours = value.into(),
            _ => {
                return Err(wrong(
                    "it is none of why, in, case, built-in, ours, in this order",
                ));
            }
        }
    }
    match all.iter().find(|known| known.built_in == known.ours) {
        Some(same) => Err(format!("known differences: `{}` is none", same.case)),
        None => Ok(all),
    }
}

/// Reads `3.11.0 .. 3.14.0`: the first version with a difference, and the first without it, if any.
fn range(text: &str) -> Option<Range<Version>> {
    let (from, until) = text.split_once(" ..")?;
    let until = match until.trim() {
        "" => NONE,
        until => version(until)?,
    };
    let range = version(from)?..until;
    (!range.is_empty()).then_some(range)
}

fn version(text: &str) -> Option<Version> {
    let parts: Vec<u32> = text
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect();
    match parts[..] {
        [major, minor, patch] => Some((major, minor, patch)),
        _ => None,
    }
}

/// Compares two runs and gives the number of lines.
///
/// # Errors
///
/// The first line that differs and is not meant to, and each meant difference that is none, or
/// another one than meant, or whose case did not run.
pub fn compare(version: Version, built_in: &str, ours: &str, known: &[Known]) -> Result<usize> {
    let known: Vec<&Known> = known
        .iter()
        .filter(|known| known.applies(version))
        .collect();
    let mut met = vec![false; known.len()];
    let (mut left, mut right) = (built_in.lines(), ours.lines());
    let mut lines = 0;
    loop {
        let (left, right) = match (left.next(), right.next()) {
            (None, None) => break,
            pair => (pair.0.unwrap_or("(nothing)"), pair.1.unwrap_or("(nothing)")),
        };
        lines += 1;
        let case = left.split_once(" => ").map_or(left, |(case, _)| case);
        let meant = known.iter().position(|known| known.case == case);
        let (expected_left, expected_right) = match meant {
            Some(index) => {
                met[index] = true;
                let Known { built_in, ours, .. } = known[index];
                (format!("{case} => {built_in}"), format!("{case} => {ours}"))
            }
            None => (left.to_owned(), left.to_owned()),
        };
        if (left, right) != (&expected_left, &expected_right) {
            let note = if meant.is_some() {
                " (not the difference that is meant)"
            } else {
                ""
            };
            return Err(format!(
                "line {lines} differs{note}:\n  built-in  {left}\n  ours      {right}"
            ));
        }
    }
    match met.iter().position(|met| !met) {
        Some(index) => Err(format!(
            "a known difference was not met: `{}`",
            known[index].case
        )),
        None if lines == 0 => Err("nothing was printed".into()),
        None => Ok(lines),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str =
        "# note\n\nwhy: new.\nin: 3.11.0 .. 3.13.1\n\ncase: b\nbuilt-in: 1\nours: 2\n";

    #[test]
    fn equal_runs_are_counted() {
        assert_eq!(
            compare((3, 12, 0), "a => 1\nb => 2\n", "a => 1\nb => 2\n", &[]),
            Ok(2)
        );
        assert!(
            compare((3, 12, 0), "", "", &[]).is_err(),
            "nothing was compared"
        );
    }

    #[test]
    fn the_first_difference_is_shown_with_both_sides() {
        let error = compare((3, 12, 0), "a => 1\nb => 2\n", "a => 1\nb => 3\n", &[]).unwrap_err();
        assert_eq!(
            error,
            "line 2 differs:\n  built-in  b => 2\n  ours      b => 3"
        );
        let error = compare((3, 12, 0), "a => 1\nb => 2\n", "a => 1\n", &[]).unwrap_err();
        assert!(error.contains("ours      (nothing)"), "{error}");
    }

    #[test]
    fn a_meant_difference_must_be_exactly_that_in_its_versions() {
        let known = known(LIST).unwrap();
        let run = |version, ours: &str| compare(version, "b => 1\n", ours, &known);
        assert_eq!(run((3, 12, 0), "b => 2\n"), Ok(1));
        assert!(
            run((3, 12, 0), "b => 1\n")
                .unwrap_err()
                .contains("not the difference")
        );
        assert!(
            run((3, 12, 0), "b => 3\n")
                .unwrap_err()
                .contains("not the difference")
        );
        assert!(run((3, 13, 1), "b => 2\n").is_err(), "not in this version");
        assert_eq!(run((3, 13, 1), "b => 1\n"), Ok(1));
    }

    #[test]
    fn a_difference_can_be_in_several_ranges_the_last_without_an_end() {
        let list = LIST.replace("3.13.1", "3.12.4, 3.13.2 ..");
        let known = known(&list).unwrap();
        let applies = |version| known[0].applies(version);
        assert!(applies((3, 11, 0)) && applies((3, 12, 3)));
        assert!(!applies((3, 12, 4)) && !applies((3, 13, 1)));
        assert!(applies((3, 13, 2)) && applies((4, 0, 0)));
    }

    #[test]
    fn a_meant_difference_whose_case_is_gone_is_an_error() {
        let known = known(LIST).unwrap();
        let error = compare((3, 12, 0), "a => 1\n", "a => 1\n", &known).unwrap_err();
        assert_eq!(error, "a known difference was not met: `b`");
    }

    #[test]
    fn a_list_that_cannot_be_read_names_the_line() {
        let wrong = |list: &str| known(list).unwrap_err();
        assert!(wrong("case: b\n").starts_with("known differences, line 1: it has no `why`"));
        assert!(wrong("why: x\nin: 3.11\n").contains("line 2: versions are"));
        assert!(wrong("why: x\nin: 3.12.0 .. 3.11.0\n").contains("line 2: versions are"));
        assert!(wrong("why: x\nnonsense\n").contains("line 2: it is no"));
        assert!(wrong(&LIST.replace("ours: 2", "ours: 1")).contains("`b` is none"));
    }
}
