//! Published reports, one file a machine, and the pages that show them.
//!
//! A page has a section for a group between two markers, and only what is between them is written
//! anew. A test renders the sections of the committed pages from the committed reports.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::bench::Group;
use crate::report::{Cell, Report, Target, Verdict, count, display};
use crate::{Result, chart};

/// The folder of the reports, from the root of the workspace.
const REPORTS: &str = "benches/published";
/// The pages: one with all, with charts in a folder beside it, and one in short.
const PAGE: &str = "docs/performance.md";
const SHORT_PAGE: &str = "README.md";
const CHARTS: &str = "docs/performance";

/// Adds a report to the published ones, draws its charts and writes the pages.
///
/// # Errors
///
/// When a file cannot be read or written; names it. When the report is not whole.
pub fn publish(report: Report, groups: &[&Group], root: &Path) -> Result<()> {
    if report.runs.values().any(|run| run.partial) {
        return Err("this report is not whole; measure without --quick and --only".into());
    }
    for group in groups {
        for workload in group.charts {
            let (path, title) = (root.join(chart_of(group, workload)), &report.machine);
            let title = format!("{workload}: {title}");
            let cells = charted(group, &report, workload);
            if !cells.is_empty() {
                chart::draw(&path, &title, group.sizes, &cells)?;
            }
        }
    }
    let path = root
        .join(REPORTS)
        .join(format!("{}.json", slug(&report.machine)));
    let mut all = if path.exists() {
        Report::read(&path)?
    } else {
        report.clone()
    };
    all.replace(report);
    all.write(&path)?;
    render(groups, root)
}

/// Writes the sections of the pages from the published reports.
///
/// # Errors
///
/// When a file cannot be read or written, or has not both markers of a group; names it.
pub fn render(groups: &[&Group], root: &Path) -> Result<()> {
    let reports = published(root)?;
    for page in [PAGE, SHORT_PAGE] {
        let mut text = fs::read_to_string(root.join(page))?;
        for group in groups.iter().filter(|group| is_on(page, group)) {
            let section = section(group, &reports, page == SHORT_PAGE);
            let lacks = || format!("{page} lacks a marker of {}", group.name);
            let (before, _, after) = parts(&text, group.name).ok_or_else(lacks)?;
            text = format!("{before}\n\n{section}\n{after}");
        }
        fs::write(root.join(page), text)?;
    }
    Ok(())
}

/// Reads all published reports.
fn published(root: &Path) -> Result<Vec<Report>> {
    let files: std::io::Result<BTreeSet<_>> = fs::read_dir(root.join(REPORTS))?
        .map(|file| Ok(file?.path()))
        .collect();
    files?.iter().map(|file| Report::read(file)).collect()
}

fn is_on(page: &str, group: &Group) -> bool {
    page == PAGE || !group.short.is_empty()
}

/// A page up to a group's section, the section, and the rest, the markers with what is around.
fn parts<'a>(page: &'a str, group: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let marker = |edge| format!("<!-- {edge}: cargo xtask bench {group} --publish -->");
    let begin = page.find(&marker("begin"))? + marker("begin").len();
    let end = begin + page[begin..].find(&marker("end"))?;
    Some((&page[..begin], &page[begin..end], &page[end..]))
}

/// The cells that a chart shows: of the group's first subject, with the first kind of operands.
fn charted<'a>(group: &Group, report: &'a Report, workload: &str) -> Vec<&'a Cell> {
    let of = report.cells.iter().filter(|cell| cell.group == group.name);
    let mut cells: Vec<&Cell> = of.filter(|cell| cell.workload == workload).collect();
    let first = cells.first().map(|cell| (&cell.subject, &cell.kind));
    cells.retain(|cell| Some((&cell.subject, &cell.kind)) == first);
    cells
}

fn chart_of(group: &Group, workload: &str) -> String {
    format!("{CHARTS}/{}-{}.svg", group.name, slug(workload))
}

/// A text as part of a file's name.
fn slug(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("-").to_lowercase()
}

/// Renders a group's section; in short, of its first subject and the workloads for that.
pub fn section(group: &Group, reports: &[Report], short: bool) -> String {
    let mut reports: Vec<&Report> = reports.iter().collect();
    reports.retain(|report| report.runs.contains_key(group.name));
    let mut text = String::new();
    for report in &reports {
        let run = &report.runs[group.name];
        let with: Vec<_> = run
            .versions
            .iter()
            .map(|(name, of)| format!("{name} {of}"))
            .collect();
        let (date, machine, with) = (&run.date, &report.machine, with.join(", "));
        text.push_str(&format!("Measured on {date} on {machine}, with {with}. "));
    }
    if let Some(shown) = group.shown {
        let (shown, sizes) = (count(shown), group.sizes);
        text.push_str(&format!("Figures at {shown} {sizes}; ratios at all sizes."));
    }
    text = format!("{}\n\n{}", text.trim_end(), table(group, &reports, short));
    if !short {
        text.push_str(&standing(group, &reports));
        text.push('\n');
        for workload in group.charts {
            let charted = |report: &&Report| charted(group, report, workload).len() > 2;
            if reports.iter().any(charted) {
                let file = chart_of(group, workload).replace("docs/", "");
                text.push_str(&format!("![{workload}]({file}) "));
            }
        }
    }
    format!("{}\n", text.trim_end())
}

/// What is new, in the order in which it comes.
fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.fold(Vec::new(), |mut seen, one| {
        if !seen.contains(&one) {
            seen.push(one);
        }
        seen
    })
}

/// Rows are workloads; columns are subjects on machines. What never allocates has no row, but is
/// named below.
fn table(group: &Group, reports: &[&Report], short: bool) -> String {
    let on = |report: &&'_ Report| {
        let machine = report.machine.clone();
        report
            .cells
            .clone()
            .into_iter()
            .map(move |cell| (machine.clone(), cell))
    };
    let mut cells: Vec<(String, Cell)> = reports.iter().flat_map(on).collect();
    cells.retain(|(_, cell)| cell.group == group.name);
    if short {
        let first = cells[0].1.subject.clone();
        cells.retain(|(_, cell)| cell.subject == first && group.short.contains(&&*cell.workload));
    }
    let columns = distinct(cells.iter().map(|(machine, cell)| (machine, &cell.subject)));
    let head = |(machine, subject): &(&String, &String)| match reports.len() {
        1 => subject.to_string(),
        _ => format!(
            "{subject} on {}",
            machine.split(',').next().unwrap_or_default()
        ),
    };
    let mut rows = vec![vec!["operation".to_string(), "at most".into()]];
    rows[0].extend(columns.iter().map(head));
    rows.push(vec!["---".into(); rows[0].len()]);
    let mut quiet = Vec::new();
    for workload in distinct(cells.iter().map(|(_, cell)| &cell.workload)) {
        let mut of = cells.clone();
        of.retain(|(_, cell)| cell.workload == *workload);
        if of
            .iter()
            .all(|(_, cell)| cell.unit == "allocations" && cell.figure < 0.01)
        {
            quiet.push(workload.replace("allocations, ", ""));
            continue;
        }
        let targets = of.iter().flat_map(|(_, cell)| (group.targets)(cell));
        let targets: BTreeSet<String> = targets.map(|target| asked(&target)).collect();
        let targets: Vec<String> = targets.into_iter().collect();
        let mut row = vec![workload.clone(), targets.join("; ")];
        for column in &columns {
            let of = of
                .iter()
                .filter(|(machine, cell)| (machine, &cell.subject) == *column);
            row.push(found(group, &of.map(|(_, cell)| cell).collect::<Vec<_>>()));
        }
        rows.push(row);
    }
    let line = |mut row: Vec<String>| {
        row.drain(1..if short { 2 } else { 1 });
        format!("| {} |\n", row.join(" | "))
    };
    let mut table: String = rows.into_iter().map(line).collect();
    if !quiet.is_empty() {
        let quiet = quiet.join("; ");
        table.push_str(&format!(
            "\nWithout an allocation, once done before: {quiet}.\n"
        ));
    }
    table
}

fn asked(target: &Target) -> String {
    let most = format!("{:.2}", target.at_most);
    let most = most.trim_end_matches('0').trim_end_matches('.');
    match target.peers {
        [] => most.into(),
        peers => format!("{most} of {}", peers.join("/")),
    }
}

/// What a subject needed, and what that is of the best of each set of peers.
fn found(group: &Group, cells: &[&Cell]) -> String {
    let shown =
        |cell: &&&Cell| cell.unit != "ns" || group.shown.is_none_or(|size| cell.size == size);
    let unit = cells.first().map_or("", |cell| &cell.unit);
    let figures = cells.iter().filter(shown).map(|cell| cell.figure);
    let mut parts = vec![range(figures.collect(), |figure| display(figure, unit))];
    for set in group.peers {
        let best: Vec<(&str, f64)> = cells.iter().filter_map(|cell| cell.best(set)).collect();
        let names: BTreeSet<&str> = best.iter().map(|best| best.0).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let ratios = range(best.iter().map(|best| best.1).collect(), |ratio| {
            format!("{ratio:.2}")
        });
        parts.push(ratios.map(|ratios| format!("{ratios} of {}", names.join("/"))));
    }
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// The least and the greatest figure, or what both are.
fn range(figures: Vec<f64>, show: impl Fn(f64) -> String) -> Option<String> {
    let least = show(figures.iter().copied().min_by(f64::total_cmp)?);
    let most = show(figures.into_iter().max_by(f64::total_cmp)?);
    let unit = most.split_once(' ').map_or("", |(_, unit)| unit);
    let from = least.strip_suffix(unit).unwrap_or(&least).trim_end();
    Some(if least == most {
        most
    } else {
        format!("{from} to {most}")
    })
}

/// How many targets are met, which is on every machine, and a line for each workload that misses.
fn standing(group: &Group, reports: &[&Report]) -> String {
    let mut worst = BTreeMap::new();
    let mut misses: BTreeMap<_, Vec<(&str, f64)>> = BTreeMap::new();
    for report in reports {
        for cell in report.cells.iter().filter(|cell| cell.group == group.name) {
            for target in (group.targets)(cell) {
                let Some((found, verdict)) = target.judge(cell) else {
                    continue;
                };
                let place = (
                    &cell.workload,
                    &cell.subject,
                    &cell.kind,
                    cell.size,
                    target.peers,
                );
                let known = worst.entry(place).or_insert((verdict, target.strict));
                known.0 = known.0.max(verdict);
                if verdict != Verdict::Met {
                    let of = misses.entry((&cell.workload, &cell.subject, asked(&target)));
                    of.or_default().push((&report.machine, found));
                }
            }
        }
    }
    let of = |is: fn(Verdict, bool) -> bool| {
        worst
            .values()
            .filter(|(verdict, strict)| is(*verdict, *strict))
            .count()
    };
    let (all, missed) = (worst.len(), of(|verdict, _| verdict != Verdict::Met));
    let far = of(|verdict, _| verdict == Verdict::Far);
    let strict = of(|verdict, strict| strict && verdict != Verdict::Met);
    let on = if reports.len() > 1 {
        "On every machine, "
    } else {
        ""
    };
    let mut text = match (all, missed) {
        (0, _) => return String::new(),
        (_, 0) => format!("\n{on}{all} of {all} targets met.\n"),
        _ => format!(
            "\n{on}{} of {all} targets met; of the misses, {far} by more than 30 % and {strict} where \
             none may be.\n",
            all - missed
        ),
    };
    for ((workload, subject, asked), missed) in misses {
        let names: BTreeSet<&str> = missed.iter().map(|(machine, _)| *machine).collect();
        let only = names.into_iter().collect::<Vec<_>>().join(" and ");
        let seen = |machines| {
            if machines > 1 {
                format!(", on {only}")
            } else {
                String::new()
            }
        };
        let (cells, seen) = (missed.len(), seen(reports.len()));
        let found = missed.into_iter().map(|(_, found)| found).collect();
        let found = range(found, |figure| format!("{figure:.2}")).unwrap_or_default();
        text.push_str(&format!(
            "- **{workload}** ({subject}): {found} where {asked} is asked, in {cells} cells{seen}\n"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tests::GROUP;
    use crate::command::GROUPS;
    use crate::report::Run;
    use crate::report::tests::cell;

    fn report(machine: &str, ratio: f64) -> Report {
        let run = Run {
            date: "2026-01-02".into(),
            versions: [("im".into(), "1.0".into())].into(),
            partial: false,
        };
        let mut allocations = cell("allocations, get", 100, 0.0, &[]);
        allocations.unit = "allocations".into();
        Report {
            machine: machine.into(),
            runs: [("maps".into(), run)].into(),
            cells: vec![
                cell("get", 10, 2.0, &[("im", 0.25), ("imbl", 0.1)]),
                cell("get", 100, 4.0, &[("im", 0.1), ("imbl", ratio)]),
                cell("get", 1_000, 8.0, &[("im", 0.5)]),
                cell("set", 100, 4_000.0, &[("im", 0.5)]),
                allocations,
            ],
        }
    }

    #[test]
    fn a_section_shows_figures_ratios_misses_and_charts() {
        assert_eq!(
            section(&GROUP, &[report("A CPU, 2 cores", 0.6)], false),
            "Measured on 2026-01-02 on A CPU, 2 cores, with im 1.0. \
             Figures at 100 entries; ratios at all sizes.\n\
             \n\
             | operation | at most | ours |\n\
             | --- | --- | --- |\n\
             | get | 0.5 of im/imbl | 4.00 ns; 0.25 to 0.60 of im/imbl |\n\
             | set | 0.5 of im/imbl | 4.00 µs; 0.50 of im |\n\
             \n\
             Without an allocation, once done before: get.\n\
             \n\
             4 of 5 targets met; of the misses, 0 by more than 30 % and 0 where none may be.\n\
             - **get** (ours): 0.60 where 0.5 of im/imbl is asked, in 1 cells\n\
             \n\
             ![get](performance/maps-get.svg)\n"
        );
        let short = section(&GROUP, &[report("A CPU, 2 cores", 0.6)], true);
        assert!(
            short.ends_with("| get | 4.00 ns; 0.25 to 0.60 of im/imbl |\n"),
            "{short}"
        );
    }

    #[test]
    fn a_target_is_met_where_it_is_met_on_every_machine() {
        let text = section(&GROUP, &[report("A, x", 0.4), report("B, x", 0.6)], false);
        assert!(text.contains("| ours on A | ours on B |"), "{text}");
        assert!(
            text.contains("On every machine, 4 of 5 targets met;"),
            "{text}"
        );
        assert!(text.contains("in 1 cells, on B, x\n"), "{text}");
    }

    #[test]
    fn a_report_that_is_not_whole_is_not_published() {
        let mut part = report("A", 0.4);
        part.runs.values_mut().for_each(|run| run.partial = true);
        let error = publish(part, &[&GROUP], Path::new("/no/such/folder")).unwrap_err();
        assert!(error.to_string().contains("not whole"), "{error}");
    }

    #[test]
    fn the_committed_pages_show_the_committed_reports() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let reports = published(&root).unwrap();
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
