//! Published reports, one file a machine, and the pages that show them.
//!
//! A page has a section for a group between two markers, and only what is between them is written
//! anew. A test renders the sections of the committed pages from the committed reports.

use std::fs;
use std::path::Path;

use itertools::Itertools;

use crate::Result;
use crate::bench::Group;
use crate::report::{Cell, Report, Target, Verdict, count, display};

/// The folder of the reports, from the root of the workspace.
const REPORTS: &str = "benches/published";
/// The pages: one with all, and one in short.
const PAGE: &str = "docs/performance.md";
const SHORT_PAGE: &str = "README.md";

/// Adds a report to the published ones and writes the pages.
///
/// # Errors
///
/// When a file cannot be read or written; names it. When the report is not whole.
pub fn publish(report: Report, groups: &[&Group], root: &Path) -> Result<()> {
    if report.runs.values().any(|run| run.partial) {
        return Err("this report is not whole; measure without --quick and --only".into());
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
/// When a file cannot be read or written, or has not both markers of a group; names it.
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

/// A page up to a group's section, the section, and the rest, the markers with what is around.
fn parts<'a>(page: &'a str, group: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let marker = |edge| format!("<!-- {edge}: cargo xtask bench {group} --publish -->");
    let begin = page.find(&marker("begin"))? + marker("begin").len();
    let end = begin + page[begin..].find(&marker("end"))?;
    Some((&page[..begin], &page[begin..end], &page[end..]))
}

/// A cell, and the machine on which it was measured.
type Placed<'a> = (&'a str, &'a Cell);

/// Renders a group's section; in short, of its first subject and the workloads for that.
pub fn section(group: &Group, reports: &[&Report], short: bool) -> String {
    let of_group = |report: &&&Report| report.runs.contains_key(group.name);
    let reports = reports.iter().filter(of_group).collect_vec();
    let mut text = String::new();
    for report in &reports {
        let (run, machine) = (&report.runs[group.name], &report.machine);
        let with = run.versions.iter().map(|(name, of)| format!("{name} {of}"));
        let (date, with) = (&run.date, with.format(", "));
        text += &format!("Measured on {date} on {machine}, with {with}. ");
    }
    if let Some(shown) = group.shown {
        let (shown, sizes) = (count(shown), group.sizes);
        text += &format!("Figures at {shown} {sizes}; ratios at all sizes.");
    }
    let mut cells: Vec<Placed<'_>> = Vec::new();
    for report in &reports {
        cells.extend(report.cells.iter().map(|cell| (&*report.machine, cell)));
    }
    cells.retain(|(_, cell)| cell.group == group.name);
    if short {
        let first = cells.first().map(|(_, cell)| &cell.subject);
        cells.retain(|(_, cell)| {
            Some(&cell.subject) == first && group.short.contains(&&*cell.workload)
        });
    }
    text = format!("{}\n\n{}", text.trim_end(), table(group, &cells, short));
    if !short {
        text += &standing(group, &cells);
        text += &by_size(group, &cells);
    }
    text
}

/// The lines of a table.
fn lines(rows: Vec<Vec<String>>) -> String {
    let line = |row: &Vec<String>| format!("| {} |\n", row.join(" | "));
    let rule = vec!["---".to_owned(); rows[0].len()];
    let (head, rows) = rows.split_first().expect("there is a head");
    [head, &rule].into_iter().chain(rows).map(line).collect()
}

/// How a row or column is called: with the machine, where there are several.
fn called(what: &str, machine: &str, all: &[Placed<'_>]) -> String {
    match all.iter().map(|(machine, _)| machine).all_equal() {
        true => what.into(),
        false => format!("{what} on {}", machine.split(',').next().unwrap_or(machine)),
    }
}

/// Rows are workloads; columns are subjects on machines. What never allocates has no row, but is
/// named below.
fn table(group: &Group, cells: &[Placed<'_>], short: bool) -> String {
    let columns = cells
        .iter()
        .map(|(machine, cell)| (*machine, &*cell.subject));
    let columns = columns.unique().collect_vec();
    let head = columns
        .iter()
        .map(|(machine, subject)| called(subject, machine, cells));
    let mut rows = vec![
        ["operation".to_owned(), "at most".to_owned()]
            .into_iter()
            .chain(head)
            .collect_vec(),
    ];
    let mut quiet = Vec::new();
    for workload in cells.iter().map(|(_, cell)| &*cell.workload).unique() {
        let of = cells
            .iter()
            .filter(|(_, cell)| cell.workload == workload)
            .collect_vec();
        let silent = |cell: &Cell| cell.unit == "allocations" && cell.figure < 0.01;
        if of.iter().all(|(_, cell)| silent(cell)) {
            quiet.push(workload.replace("allocations, ", ""));
            continue;
        }
        let targets = of.iter().flat_map(|(_, cell)| (group.targets)(cell));
        let targets = targets
            .map(|target| asked(&target))
            .sorted()
            .dedup()
            .join("; ");
        let found = columns.iter().map(|column| {
            let of = of
                .iter()
                .filter(|(machine, cell)| (*machine, &*cell.subject) == *column);
            found(group, &of.map(|(_, cell)| *cell).collect_vec())
        });
        rows.push(
            [workload.to_owned(), targets]
                .into_iter()
                .chain(found)
                .collect(),
        );
    }
    if short {
        rows.iter_mut().for_each(|row| drop(row.remove(1)));
    }
    let mut table = lines(rows);
    if !quiet.is_empty() {
        let quiet = quiet.join("; ");
        table += &format!("\nWithout an allocation, once done before: {quiet}.\n");
    }
    table
}

fn asked(target: &Target) -> String {
    let most = (target.at_most * 100.0).round() / 100.0;
    match target.peers {
        [] => most.to_string(),
        peers => format!("{most} of {}", peers.join("/")),
    }
}

/// What a subject needed, and what that is of the best of each set of peers.
fn found(group: &Group, cells: &[&Cell]) -> String {
    let shown =
        |cell: &&&Cell| cell.unit != "ns" || group.shown.is_none_or(|size| cell.size == size);
    let figures = cells.iter().filter(shown).map(|cell| cell.figure);
    let figures = range(figures, |figure| display(figure, &cells[0].unit));
    let ratios = group.peers.iter().filter_map(|set| {
        let best = cells.iter().filter_map(|cell| cell.best(set)).collect_vec();
        let names = best.iter().map(|best| best.0).sorted().dedup().join("/");
        let ratios = range(best.iter().map(|best| best.1), |ratio| {
            format!("{ratio:.2}")
        })?;
        Some(format!("{ratios} of {names}"))
    });
    figures.into_iter().chain(ratios).join("; ")
}

/// The least and the greatest figure, or what both are.
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

/// How a cell stands to a target.
struct Judged<'a> {
    machine: &'a str,
    cell: &'a Cell,
    target: Target,
    found: f64,
    verdict: Verdict,
}

/// How many targets are met, which is on every machine, and a line for each workload that misses.
fn standing(group: &Group, cells: &[Placed<'_>]) -> String {
    let judged = cells.iter().flat_map(|(machine, cell)| {
        (group.targets)(cell).into_iter().filter_map(move |target| {
            let (found, verdict) = target.judge(cell)?;
            Some(Judged {
                machine,
                cell,
                target,
                found,
                verdict,
            })
        })
    });
    let judged = judged.collect_vec();
    let worst = judged.iter().into_grouping_map_by(|one| {
        let cell = one.cell;
        let place = (&cell.workload, &cell.subject, &cell.kind, cell.size);
        (place, one.target.peers)
    });
    let worst = worst.max_by_key(|_, one| one.verdict).into_values();
    let worst = worst.collect_vec();
    let of = |is: fn(&Judged<'_>) -> bool| worst.iter().filter(|one| is(one)).count();
    let (all, missed) = (worst.len(), of(|one| one.verdict != Verdict::Met));
    let far = of(|one| one.verdict == Verdict::Far);
    let strict = of(|one| one.verdict != Verdict::Met && one.target.strict);
    let one_machine = cells.iter().map(|(machine, _)| machine).all_equal();
    let on = if one_machine {
        ""
    } else {
        "On every machine, "
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
    let misses = judged.iter().filter(|one| one.verdict != Verdict::Met);
    let misses = misses.into_group_map_by(|one| {
        let asked = asked(&one.target);
        (&one.cell.workload, &one.cell.subject, asked)
    });
    for ((workload, subject, asked), missed) in misses.into_iter().sorted_by(|a, b| a.0.cmp(&b.0)) {
        let machines = missed
            .iter()
            .map(|one| one.machine)
            .sorted()
            .dedup()
            .join(" and ");
        let seen = if one_machine {
            String::new()
        } else {
            format!(", on {machines}")
        };
        let (cells, found) = (missed.len(), missed.iter().map(|one| one.found));
        let found = range(found, |figure| format!("{figure:.2}")).unwrap_or_default();
        text += &format!(
            "- **{workload}** ({subject}): {found} where {asked} is asked, in {cells} cells{seen}\n"
        );
    }
    text
}

/// How some workloads grow with the size: the first subject, with the first kind of operands, beside
/// the best of its first peers.
fn by_size(group: &Group, cells: &[Placed<'_>]) -> String {
    let Some((_, first)) = cells.first() else {
        return String::new();
    };
    let of = cells.iter().filter(|(_, cell)| {
        let is = (&cell.subject, &cell.kind) == (&first.subject, &first.kind);
        is && group.by_size.contains(&&*cell.workload)
    });
    let of = of.collect_vec();
    let sizes = of
        .iter()
        .map(|(_, cell)| cell.size)
        .sorted()
        .dedup()
        .collect_vec();
    if sizes.len() < 2 {
        return String::new();
    }
    let peers = group.peers[0];
    let head = [format!("{} by {}", first.subject, group.sizes)];
    let mut rows = vec![
        head.into_iter()
            .chain(sizes.iter().copied().map(count))
            .collect_vec(),
    ];
    for (machine, workload) in of
        .iter()
        .map(|(machine, cell)| (*machine, &*cell.workload))
        .unique()
    {
        let at = sizes.iter().map(|size| {
            let cell = of
                .iter()
                .find(|(on, cell)| (*on, &*cell.workload, cell.size) == (machine, workload, *size));
            cell.map_or(String::new(), |(_, cell)| {
                let best = cell
                    .best(peers)
                    .map(|(name, ratio)| format!("; {ratio:.2} of {name}"));
                display(cell.figure, &cell.unit) + &best.unwrap_or_default()
            })
        });
        rows.push(
            [called(workload, machine, cells)]
                .into_iter()
                .chain(at)
                .collect(),
        );
    }
    format!("\n{}", lines(rows))
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
    fn a_section_shows_figures_ratios_misses_and_growth() {
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
             Without an allocation, once done before: get.\n\
             \n\
             4 of 5 targets met; of the misses, 0 by more than 30 % and 0 where none may be.\n\
             - **get** (ours): 0.60 where 0.5 of im/imbl is asked, in 1 cells\n\
             \n\
             | ours by entries | 10 | 100 | 1,000 |\n\
             | --- | --- | --- | --- |\n\
             | get | 2.00 ns; 0.25 of im | 4.00 ns; 0.60 of imbl | 8.00 ns; 0.50 of im |\n"
        );
        let short = section(&GROUP, &[&report("A CPU, 2 cores", 0.6)], true);
        assert!(
            short.ends_with("| get | 4.00 ns; 0.25 to 0.60 of im/imbl |\n"),
            "{short}"
        );
    }

    #[test]
    fn a_target_is_met_where_it_is_met_on_every_machine() {
        let text = section(&GROUP, &[&report("A, x", 0.4), &report("B, x", 0.6)], false);
        assert!(text.contains("| ours on A | ours on B |"), "{text}");
        assert!(
            text.contains("On every machine, 4 of 5 targets met;"),
            "{text}"
        );
        assert!(text.contains("in 1 cells, on B, x\n"), "{text}");
        assert!(text.contains("| get on B | 2.00 ns;"), "{text}");
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
