//! Published reports, one file for each machine, and the pages that show them.
//!
//! A page has a section for a group between two markers; only the text between them is rewritten. A
//! test compares the committed pages with the committed reports.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use itertools::Itertools;
use minijinja::value::Value;
use minijinja::{Environment, context};

use crate::Result;
use crate::bench::Group;
use crate::report::{Cell, Report, Target, count, display};

/// The folder of the reports, from the root of the workspace.
const REPORTS: &str = "benches/published";
/// The pages: one with all tables, and one with short tables.
const PAGE: &str = "docs/performance.md";
const SHORT_PAGE: &str = "README.md";

/// Adds a report to the published ones and writes the pages.
///
/// # Errors
///
/// If a file cannot be read or written (the error names it), or the report is partial.
pub fn publish(report: Report, groups: &[&Group], root: &Path) -> Result<()> {
    if report.runs.values().any(|run| run.partial) {
        return Err("the report is not whole; measure without --quick and --only".into());
    }
    let words = report
        .machine
        .split(|letter: char| !letter.is_ascii_alphanumeric());
    let name = words
        .filter(|word| !word.is_empty())
        .join("-")
        .to_lowercase();
    let path = root.join(format!("{REPORTS}/{name}.json"));
    let mut all = match path.exists() {
        true => Report::read(&path)?,
        false => report.clone(),
    };
    all.replace(report);
    all.write(&path)?;
    render(groups, root)?;
    println!("published in {PAGE} and {SHORT_PAGE}");
    Ok(())
}

/// Writes the sections of the pages from the published reports.
///
/// # Errors
///
/// If a file cannot be read or written, or lacks a marker of a group. The error names it.
pub fn render(groups: &[&Group], root: &Path) -> Result<()> {
    let reports = published(root)?;
    for page in [PAGE, SHORT_PAGE] {
        let mut text = fs::read_to_string(root.join(page))?;
        for group in groups.iter().filter(|group| is_on(page, group)) {
            let section = section(group, &reports.iter().collect_vec(), page == SHORT_PAGE);
            let lacks = || format!("{page} lacks a marker of {}", group.name);
            let (before, _, after) = parts(&text, group.name).ok_or_else(lacks)?;
            text = format!("{before}\n{section}{after}");
        }
        fs::write(root.join(page), text)?;
    }
    Ok(())
}

/// Reads all published reports.
fn published(root: &Path) -> Result<Vec<Report>> {
    let files = fs::read_dir(root.join(REPORTS))?.map(|file| Ok(file?.path()));
    let files: Vec<_> = files.collect::<std::io::Result<_>>()?;
    files
        .iter()
        .sorted()
        .map(|file| Report::read(file))
        .collect()
}

fn is_on(page: &str, group: &Group) -> bool {
    page == PAGE || !group.short.is_empty()
}

/// Splits a page into the text up to a group's section, the section, and the rest. The markers belong
/// to the first and last part.
fn parts<'a>(page: &'a str, group: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let marker = |edge| format!("<!-- {edge}: cargo xtask bench {group} --publish -->");
    let begin = page.find(&marker("begin"))? + marker("begin").len();
    let end = begin + page[begin..].find(&marker("end"))?;
    Some((&page[..begin], &page[begin..end], &page[end..]))
}

/// A cell, and the machine on which it was measured.
type Placed<'a> = (&'a str, &'a Cell);

/// Renders a group's section: rows are workloads, columns are subjects on machines. Workloads that
/// never allocate are listed below the table. A `short` section has the first subject and the group's
/// short list of workloads only.
pub fn section(group: &Group, reports: &[&Report], short: bool) -> String {
    let (mut runs, mut cells): (Vec<Value>, Vec<Placed<'_>>) = Default::default();
    for report in reports {
        if let Some(run) = report.runs.get(group.name) {
            let (date, machine) = (&*run.date, &*report.machine);
            let versions = run.versions.iter();
            let with = versions.map(|(name, of)| format!("{name} {of}")).join(", ");
            runs.push(context! { date, machine, with });
            let of = report.cells.iter().filter(|cell| cell.group == group.name);
            cells.extend(of.map(|cell| (machine, cell)));
        }
    }
    if short {
        let first = cells.first().map(|(_, cell)| &cell.subject);
        cells.retain(|(_, cell)| Some(&cell.subject) == first);
        cells.retain(|(_, cell)| group.short.contains(&&*cell.workload));
    }
    let subjects = cells
        .iter()
        .map(|(machine, cell)| (*machine, &*cell.subject));
    let subjects = subjects.unique().collect_vec();
    let columns = subjects
        .iter()
        .map(|&(machine, subject)| context! { machine, subject });
    let columns = columns.collect_vec();
    let (mut rows, mut quiet) = (Vec::new(), Vec::new());
    for workload in cells.iter().map(|(_, cell)| &*cell.workload).unique() {
        let of = cells.iter().filter(|(_, cell)| cell.workload == workload);
        let of = of.collect_vec();
        // Of allocations, the page lists only the workloads in which the first subject has none.
        if let Some(workload) = workload.strip_prefix("allocations, ") {
            let mut of_first = of.iter().filter(|(_, cell)| cell.subject == subjects[0].1);
            if of_first.all(|(_, cell)| cell.figure < 0.01) {
                quiet.push(workload);
            }
            continue;
        }
        let targets = of.iter().flat_map(|(_, cell)| (group.targets)(cell));
        let asked = targets
            .map(|target| asked(&target))
            .sorted()
            .dedup()
            .join("; ");
        let found = subjects.iter().map(|column| {
            let is_here = |(machine, cell): &&&Placed<'_>| (*machine, &*cell.subject) == *column;
            let here = of.iter().filter(is_here);
            found(group, &here.map(|(_, cell)| *cell).collect_vec())
        });
        rows.push(context! { workload, asked, found => found.collect_vec() });
    }
    let context = context! {
        runs, columns, rows, short,
        shown => group.shown.map(count), sizes => group.sizes, quiet => quiet.join("; "),
        standing => standing(group, &cells)
    };
    let text = Environment::new().render_str(include_str!("section.md.jinja"), context);
    text.expect("the template is right") + "\n"
}

fn asked(target: &Target) -> String {
    let most = (target.at_most * 100.0).round() / 100.0;
    match target.peers {
        [] => most.to_string(),
        peers => format!("{most} of {}", peers.join("/")),
    }
}

/// Renders a subject's figure at the published size, and its ratio to the best of each set of peers.
fn found(group: &Group, cells: &[&Cell]) -> String {
    let unit = cells.first().map_or("", |cell| &cell.unit);
    let is_shown =
        |cell: &&&Cell| cell.unit != "ns" || group.shown.is_none_or(|size| cell.size == size);
    let figures = cells.iter().filter(is_shown).map(|cell| cell.figure);
    let figures = range(figures, |figure| display(figure, unit));
    let ratios = group.peers.iter().filter_map(|set| {
        let best = cells.iter().filter_map(|cell| cell.best(set)).collect_vec();
        let names = best.iter().map(|best| best.0).sorted().dedup().join("/");
        let ratios = best.iter().map(|best| best.1);
        Some(format!(
            "{} of {names}",
            range(ratios, |ratio| format!("{ratio:.2}"))?
        ))
    });
    figures.into_iter().chain(ratios).join("; ")
}

/// Renders the lowest and the highest figure, or one figure if both are the same.
fn range(figures: impl Iterator<Item = f64>, show: impl Fn(f64) -> String) -> Option<String> {
    let (least, most) = figures.minmax_by(f64::total_cmp).into_option()?;
    let (least, most) = (show(least), show(most));
    let unit = most.split_once(' ').map_or("", |(_, unit)| unit);
    let from = least.strip_suffix(unit).unwrap_or(&least).trim_end();
    Some(match least == most {
        true => most,
        false => format!("{from} to {most}"),
    })
}

/// Counts the targets that are met on every machine, and lists the workloads that miss some.
fn standing(group: &Group, cells: &[Placed<'_>]) -> Value {
    let mut met = HashMap::new();
    let mut misses = BTreeMap::<_, Vec<_>>::new();
    for (machine, cell) in cells {
        for target in (group.targets)(cell) {
            let Some((found, is_met)) = target.judge(cell) else {
                continue;
            };
            let (workload, subject) = (&cell.workload, &cell.subject);
            let place = (workload, subject, &cell.kind, cell.size, target.peers);
            *met.entry(place).or_insert(true) &= is_met;
            if !is_met {
                let row = (workload, subject, asked(&target));
                misses.entry(row).or_default().push((machine, found));
            }
        }
    }
    let misses = misses.into_iter().map(|((workload, subject, asked), of)| {
        let makes = of.iter().map(|(machine, _)| machine.split(',').next());
        let machines = makes.flatten().sorted().dedup().join(" and ");
        let found = range(of.iter().map(|miss| miss.1), |found| format!("{found:.2}"));
        context! { workload, subject, asked, machines, found, cells => of.len() }
    });
    let of_met = met.values().filter(|is_met| **is_met).count();
    context! { all => met.len(), met => of_met, misses => misses.collect_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tests::GROUP;
    use crate::command::GROUPS;
    use crate::report::tests::{self, cell};

    fn report(machine: &str, ratio: f64) -> Report {
        let mut allocations = cell("allocations, get", 100, 0.0, &[]);
        allocations.unit = "allocations".into();
        let cells = vec![
            cell("get", 10, 2.0, &[("im", 0.25), ("imbl", 0.1)]),
            cell("get", 100, 4.0, &[("im", 0.1), ("imbl", ratio)]),
            cell("get", 1_000, 8.0, &[("im", 0.5)]),
            cell("set", 100, 4_000.0, &[("im", 0.5)]),
            allocations,
        ];
        tests::report(machine, cells)
    }

    #[test]
    fn a_section_shows_figures_ratios_and_misses() {
        assert_eq!(
            section(&GROUP, &[&report("A CPU, 2 cores", 0.6)], false),
            "Measured on 2026-01-02 on A CPU, 2 cores, with im 1.0. \
             Figures at 100 entries; ratios at all sizes.\n\
             \n\
             | operation | at most | ours |\n\
             | --- | --- | --- |\n\
             | get | 0.5 of im/imbl | 4.00 ns; 0.25 to 0.60 of im/imbl |\n\
             | set | 0.5 of im/imbl | 4.00 µs; 0.50 of im |\n\
             \n\
             Without an allocation, once done before: get (ours).\n\
             \n\
             4 of 5 targets met. \
             Missed: **get** (ours), 0.60 where 0.5 of im/imbl is asked, in 1 cells.\n"
        );
        let short = section(&GROUP, &[&report("A CPU, 2 cores", 0.6)], true);
        assert!(
            short.ends_with("| get | 4.00 ns; 0.25 to 0.60 of im/imbl |\n"),
            "{short}"
        );
    }

    #[test]
    fn a_target_is_met_only_if_it_is_met_on_every_machine() {
        let reports = [("A, x", 0.4), ("B, x", 0.6), ("C, x", 0.4)].map(|of| report(of.0, of.1));
        let text = section(&GROUP, &reports.each_ref(), false);
        assert!(
            text.contains("| ours on A | ours on B | ours on C |"),
            "{text}"
        );
        assert!(
            text.contains("On every machine, 4 of 5 targets met."),
            "{text}"
        );
        assert!(text.contains("in 1 cells on B."), "{text}");
    }

    #[test]
    fn a_partial_report_is_not_published() {
        let mut part = report("A", 0.4);
        part.runs.values_mut().for_each(|run| run.partial = true);
        let error = publish(part, &[&GROUP], Path::new("/no/such/folder")).unwrap_err();
        assert!(error.to_string().contains("not whole"), "{error}");
    }

    #[test]
    fn the_committed_pages_show_the_committed_reports() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let reports = published(&root).unwrap();
        let reports = reports.iter().collect_vec();
        for page in [PAGE, SHORT_PAGE] {
            let text = fs::read_to_string(root.join(page)).unwrap();
            for group in GROUPS.iter().filter(|group| is_on(page, group)) {
                let (_, found, _) = parts(&text, group.name).expect(group.name);
                let again = format!("{page}, {}: run `cargo xtask bench --render`", group.name);
                assert_eq!(
                    found.trim(),
                    section(group, &reports, page == SHORT_PAGE).trim(),
                    "{again}"
                );
            }
        }
        let lines = fs::read_to_string(root.join(PAGE)).unwrap().lines().count();
        assert!(lines <= 200, "{PAGE} has {lines} lines");
    }
}
