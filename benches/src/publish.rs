//! Renders a report for readers: a section of `docs/performance.md` for each group, and charts.
//!
//! A section stands between two markers, and only what is between them is written anew: the prose
//! around it stays.

mod chart;
mod section;
mod tables;

use std::fs;
use std::path::Path;

use crate::groups;
use crate::report::{Record, Run};
use crate::{Result, table};

/// The page, in the folder of the documentation.
const PAGE: &str = "performance.md";
/// The folder of the charts, beside it.
const CHARTS: &str = "performance";

/// What the page says where there is none yet.
const NEW_PAGE: &str =
    "# Performance\n\nEvery figure here comes from `cargo xtask bench --publish`.\n";

/// Writes the page in the folder `docs` and its charts.
///
/// # Errors
///
/// When a file cannot be read or written; names it. When the report is not whole.
pub fn publish(run: &Run, records: &[Record], docs: &Path) -> Result<()> {
    if run.quick || !run.only.is_empty() {
        return Err("this report is not whole; measure without --quick and --only".into());
    }
    let fail = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let path = docs.join(PAGE);
    let mut page = match fs::read_to_string(&path) {
        Ok(page) => page,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => NEW_PAGE.into(),
        Err(error) => return Err(fail(&path, &error).into()),
    };
    let charts = docs.join(CHARTS);
    fs::create_dir_all(&charts).map_err(|error| fail(&charts, &error))?;
    for group in groups::ALL {
        let records: Vec<&Record> = records
            .iter()
            .filter(|record| record.group == group.name)
            .collect();
        if records.is_empty() {
            continue;
        }
        remove_charts(&charts, group.name)?;
        let mut pictures = Vec::new();
        for chart in chart::all(&records, group.sizes) {
            let file = format!("{}-{}.svg", group.name, slug(&chart.title));
            chart.draw(&charts.join(&file))?;
            pictures.push(format!("![{}]({CHARTS}/{file})", chart.title));
        }
        let text = format!(
            "{}\n{}\n\n{}",
            preface(run, &records),
            pictures.join("\n"),
            tables::render(&records)
        );
        page = section::replace(&page, group, &text)?;
    }
    Ok(fs::write(&path, page).map_err(|error| fail(&path, &error))?)
}

/// Where and when it was measured, and how it stands to its bounds.
fn preface(run: &Run, records: &[&Record]) -> String {
    let versions: Vec<_> = run
        .versions
        .iter()
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    let found = table::standing(records.iter().copied());
    format!(
        "Measured on {} on {}, with {}. Figures are medians of rounds in which all have their \
         turns; a ratio is the median of the rounds' ratios, and compares with the best of the \
         others. {found}\n",
        run.date,
        run.machine,
        versions.join(", ")
    )
}

/// Removes the charts of an earlier report.
fn remove_charts(charts: &Path, group: &str) -> Result<()> {
    let fail = |error| format!("{}: {error}", charts.display());
    for entry in fs::read_dir(charts).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&format!("{group}-")) && name.ends_with(".svg") {
            fs::remove_file(entry.path()).map_err(fail)?;
        }
    }
    Ok(())
}

/// A title as part of a file's name.
fn slug(title: &str) -> String {
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    match words.join("-").to_lowercase() {
        name if title.starts_with("==") => format!("equal-{name}"),
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_that_is_not_whole_is_not_published() {
        let whole = Run {
            quick: false,
            only: Vec::new(),
            date: "2026-01-02".into(),
            machine: "a machine".into(),
            versions: Default::default(),
        };
        let quick = Run {
            quick: true,
            ..whole.clone()
        };
        let part = Run {
            only: vec!["get".into()],
            ..whole
        };
        for run in [quick, part] {
            let error = publish(&run, &[], Path::new("/no/such/folder")).unwrap_err();
            assert!(error.to_string().contains("not whole"), "{error}");
        }
    }

    #[test]
    fn a_title_makes_a_file_name() {
        assert_eq!(slug("new key + remove, chain"), "new-key-remove-chain");
        assert_eq!(slug("==, one entry differs"), "equal-one-entry-differs");
    }
}
