//! Compares what two runs print, line by line, and knows the differences that are meant.

use serde::Deserialize;

type Version = (u32, u32, u32);

type Result<T> = std::result::Result<T, String>;

/// The list of differences that are meant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    difference: Vec<Difference>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    #[serde(rename = "why")]
    _why: String,
    /// Of a range like `3.11.0 .. 3.14.0` the first version is in, the second is out; without one it
    /// has no end.
    #[serde(rename = "in")]
    versions: Vec<String>,
    cases: Vec<Known>,
}

/// A case with the two outcomes that it must have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Known {
    case: String,
    built_in: String,
    ours: String,
}

/// Reads the list: the cases of this version.
///
/// # Errors
///
/// One line that names the place.
pub fn known(list: &str, version: Version) -> Result<Vec<Known>> {
    let list: List = toml::from_str(list).map_err(|error| format!("known differences: {error}"))?;
    let mut all = Vec::new();
    for Difference {
        versions, cases, ..
    } in list.difference
    {
        let mut applies = false;
        for range in versions {
            let wrong = || format!("known differences: `{range}` is no `3.11.0 .. 3.14.0`");
            applies |= contains(&range, version).ok_or_else(wrong)?;
        }
        if let Some(same) = cases.iter().find(|known| known.built_in == known.ours) {
            return Err(format!("known differences: `{}` is none", same.case));
        }
        all.extend(cases.into_iter().filter(|_| applies));
    }
    Ok(all)
}

fn contains(range: &str, version: Version) -> Option<bool> {
    let parse = |text: &str| {
        let parts: Option<Vec<u32>> = text.split('.').map(|part| part.parse().ok()).collect();
        <[u32; 3]>::try_from(parts?).ok().map(Version::from)
    };
    let (from, until) = range.split_once(" ..")?;
    let from = parse(from)?;
    let until = match until.trim() {
        "" => None,
        until => Some(parse(until).filter(|until| from < *until)?),
    };
    Some(from <= version && until.is_none_or(|until| version < until))
}

/// Compares two runs and returns the number of lines.
///
/// # Errors
///
/// The first line that differs and is not meant to, and each meant difference that is none, or
/// another one than meant, or whose case did not run.
pub fn compare(built_in: &str, ours: &str, known: &[Known]) -> Result<usize> {
    let mut met = vec![false; known.len()];
    let lines = built_in.lines().count().max(ours.lines().count());
    let padded = |text| {
        str::lines(text)
            .chain(std::iter::repeat("(nothing)"))
            .take(lines)
    };
    for (number, (left, right)) in padded(built_in).zip(padded(ours)).enumerate() {
        let case = left.split_once(" => ").map_or(left, |(case, _)| case);
        let (same, note) = match known.iter().position(|known| known.case == case) {
            Some(index) => {
                met[index] = true;
                let Known { built_in, ours, .. } = &known[index];
                let expected = [format!("{case} => {built_in}"), format!("{case} => {ours}")];
                (
                    expected == [left, right],
                    " (not the difference that is meant)",
                )
            }
            None => (left == right, ""),
        };
        if !same {
            return Err(format!(
                "line {} differs{note}:\n  built-in  {left}\n  ours      {right}",
                number + 1
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

    const LIST: &str = "[[difference]]\nwhy = 'new'\nin = ['3.11.0 .. 3.12.4', '3.13.2 ..']\n\n\
                        [[difference.cases]]\ncase = 'b'\nbuilt-in = '1'\nours = '2'\n";

    #[test]
    fn the_first_difference_is_shown_with_both_sides() {
        assert_eq!(compare("a => 1\nb => 2\n", "a => 1\nb => 2\n", &[]), Ok(2));
        let error = compare("a => 1\nb => 2\n", "a => 1\nb => 3\n", &[]).unwrap_err();
        assert_eq!(
            error,
            "line 2 differs:\n  built-in  b => 2\n  ours      b => 3"
        );
        let error = compare("a => 1\nb => 2\n", "a => 1\n", &[]).unwrap_err();
        assert!(error.contains("ours      (nothing)"), "{error}");
        assert!(compare("", "", &[]).is_err(), "nothing was compared");
    }

    #[test]
    fn a_meant_difference_must_be_exactly_that_in_its_versions() {
        let of = |version| known(LIST, version).unwrap();
        let run = |version, ours: &str| compare("b => 1\n", ours, &of(version));
        for version in [(3, 11, 0), (3, 12, 3), (3, 13, 2), (4, 0, 0)] {
            assert_eq!(run(version, "b => 2\n"), Ok(1));
            assert!(
                run(version, "b => 1\n")
                    .unwrap_err()
                    .contains("not the difference")
            );
            assert!(
                run(version, "b => 3\n")
                    .unwrap_err()
                    .contains("not the difference")
            );
        }
        for version in [(3, 12, 4), (3, 13, 1)] {
            assert_eq!(run(version, "b => 1\n"), Ok(1));
            assert!(run(version, "b => 2\n").is_err());
        }
        let error = compare("a => 1\n", "a => 1\n", &of((3, 11, 0))).unwrap_err();
        assert_eq!(error, "a known difference was not met: `b`");
    }

    #[test]
    fn a_list_that_cannot_be_read_names_the_place() {
        let wrong =
            |from: &str, to: &str| known(&LIST.replace(from, to), (3, 11, 0)).err().unwrap();
        assert!(wrong("ours = '2'", "ours = '1'").contains("`b` is none"));
        assert!(wrong("3.12.4", "3.12").contains("`3.11.0 .. 3.12` is no"));
        assert!(wrong("3.12.4", "3.10.0").contains("`3.11.0 .. 3.10.0` is no"));
        assert!(wrong("case =", "cause =").contains("cause"));
    }
}
