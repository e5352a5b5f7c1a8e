//! Tests of the documents: the files, code and commands that they name must exist. `parity` tests the
//! table of that page, `crates` the statements about manifests and `unsafe`, `words` the writing.

mod crates;
mod parity;
mod words;

use std::collections::HashSet;
use std::fs;
use std::sync::LazyLock;

use clap::Parser;

use crate::{Cli, workspace};

/// Names in documents that are not from this repository, besides those that begin with `Py`.
const FOREIGN: &[&str] = &[
    "AsyncContext",
    "HamtTest",
    "IndexMap",
    "PicklingError",
    "buffer_unordered",
    "context_ver",
    "test_futures2",
    "test_runners",
    "var_cached",
    "var_cached_tsid",
    "var_cached_tsver",
    "vfork",
];

/// This file, which is not searched: it has the names that the tests look for.
const HERE: &str = "xtask/src/docs.rs";

/// A file of the repository.
struct File {
    /// The path from the root.
    path: String,
    text: String,
}

impl File {
    fn is(&self, extension: &str) -> bool {
        self.path.ends_with(&format!(".{extension}"))
    }

    /// Returns the words of the code, without comments.
    fn words(&self) -> HashSet<&str> {
        let comment = if self.is("rs") { "//" } else { "#" };
        let code = self.text.lines().map(|line| line.split(comment).next());
        code.flatten().flat_map(words).collect()
    }

    /// Returns the text outside of code blocks, and the blocks.
    fn parts(&self) -> (String, Vec<&str>) {
        let parts: Vec<&str> = self.text.split("\n```").collect();
        let prose = parts.iter().step_by(2).copied().collect();
        (prose, parts.into_iter().skip(1).step_by(2).collect())
    }
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_letter(c))
}

/// Returns the text of a file that must exist.
fn text_of(path: &str) -> &'static str {
    let file = FILES.iter().find(|file| file.path == path);
    &file.unwrap_or_else(|| panic!("{path} is missing")).text
}

/// The text files of the repository.
static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let root = workspace::root();
    let files = workspace::files(&root).unwrap().into_iter();
    let texts = files.filter_map(|path| {
        let text = fs::read_to_string(&path).ok()?;
        let path = path.strip_prefix(&root).ok()?.to_str()?.to_owned();
        Some(File { path, text })
    });
    texts.collect()
});

/// Panics with each text in the documents, except `CHANGELOG.md`, for which `wrong` returns `true`.
fn check(texts: impl Fn(&File) -> Vec<String>, wrong: impl Fn(&File, &str) -> bool) {
    let (mut read, mut found) = (0, Vec::new());
    for document in FILES.iter() {
        if document.is("md") && document.path != "CHANGELOG.md" {
            for text in texts(document) {
                read += 1;
                if wrong(document, &text) {
                    found.push(format!("{}: {text}", document.path));
                }
            }
        }
    }
    assert!(read > 10, "the documents were not read");
    assert!(found.is_empty(), "wrong:\n{}", found.join("\n"));
}

fn in_a_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the texts between backticks.
fn spans(document: &File) -> Vec<String> {
    let (prose, _) = document.parts();
    let spans = prose.split('`').skip(1).step_by(2);
    spans.map(in_a_line).collect()
}

fn links(document: &File) -> Vec<String> {
    let (prose, _) = document.parts();
    let targets = prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    // rustdoc follows links to names.
    let relative = targets.filter(|target| !target.contains("::") && !target.contains("://"));
    relative.map(str::to_owned).collect()
}

/// A page of a library has no relative links: they lead nowhere in rustdoc and on a registry.
#[test]
fn every_relative_link_has_a_target() {
    check(links, |document, link| {
        let (path, heading) = link.split_once('#').unwrap_or((link, ""));
        let of_crate = document.path.strip_prefix("crates/");
        let is_of_library = of_crate.is_some_and(|path| !path.starts_with("host-"));
        let document = workspace::root().join(&document.path);
        let target = match path {
            "" => document,
            path => document.with_file_name(path),
        };
        let slug = |line: &str| {
            let letters = line.trim_start_matches('#').trim().to_lowercase();
            let letters = letters.replace(' ', "-");
            letters.replace(|c: char| !is_letter(c) && c != '-', "")
        };
        let is_it = |line: &str| line.starts_with('#') && slug(line) == heading;
        let has = |text: String| text.lines().any(is_it);
        let has_it = heading.is_empty() || fs::read_to_string(&target).is_ok_and(has);
        is_of_library && !path.is_empty() || !target.exists() || !has_it
    });
}

/// A path may omit `crates/…` and `src`.
#[test]
fn every_path_exists() {
    let is_path = |span: &String| {
        let ends = [".rs", ".py", ".md", ".toml", ".txt"];
        let names_a_file = ends.iter().any(|end| span.ends_with(end));
        let letters = |c: char| is_letter(c) || "./*-".contains(c);
        let foreign = ["Python/", "target/", "-"];
        let foreign = foreign.iter().any(|start| span.starts_with(start));
        (span.contains('/') || names_a_file) && span.chars().all(letters) && !foreign
    };
    let paths = |document: &File| spans(document).into_iter().filter(is_path).collect();
    check(paths, |_, path| {
        let wanted: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        let is_in = |path: &str| {
            let parts: Vec<&str> = path.split('/').collect();
            let same = |(part, wanted): (&&str, &&str)| part == wanted || *wanted == "*";
            let all = |parts: &[&str]| parts.iter().zip(&wanted).all(same);
            parts.windows(wanted.len()).any(all)
        };
        let is = |file: &File| is_in(&file.path) || is_in(&file.path.replace("src/", ""));
        !FILES.iter().any(is)
    });
}

/// A name must be in the code; one after `::` must be in a file with the name before it.
#[test]
fn every_name_in_code_letters_is_in_the_code() {
    let code = FILES.iter().filter(|file| {
        let is_code = file.is("rs") || file.is("py") || file.is("toml");
        is_code && file.path != HERE
    });
    let all = code.map(|file| words(&file.path).chain(file.words()).collect());
    let all: Vec<HashSet<&str>> = all.collect();
    let is_name = |span: &String| {
        let letters = |c: char| is_letter(c) || ":*…!".contains(c);
        span.trim_end_matches("()").chars().all(letters)
    };
    let names = |document: &File| spans(document).into_iter().filter(is_name).collect();
    check(names, |_, name| {
        let parts = name.split("::");
        let parts: Vec<_> = parts
            .map(|part| part.trim_end_matches(['(', ')', '!']))
            .collect();
        let is_foreign = |part: &&str| part.starts_with("Py") || FOREIGN.contains(part);
        let has = |words: &HashSet<&str>, part: &str| match part.strip_suffix(['*', '…']) {
            Some(start) => words.iter().any(|word| word.starts_with(start)),
            None => words.contains(part),
        };
        let last_two = &parts[parts.len().saturating_sub(2)..];
        let known = |words: &HashSet<&str>| last_two.iter().all(|part| has(words, part));
        !parts.iter().any(is_foreign) && !all.iter().any(known)
    });
}

/// Figures that documents repeat: a text of the code, a document, and a text of the document.
const FIGURES: &str = "
const TOTAL: usize = 256 << 10; @ crates/hamt/README.md @ up to 256 KiB
const STEP: usize = 4 << 10; @ crates/hamt/docs/internals.md @ gets room by 4 KiB
Self::Medium => 16, @ crates/hamt/README.md @ up to 16 entries (32 at the root)
Self::Medium => 16, @ crates/hamt/docs/internals.md @ 32 entries, subtrees of up to 16
const IN_PLACE: usize = 8; @ crates/threadstate/README.md @ from the ninth frame on
MAX_WATCHERS: usize = 8; @ crates/threadstate/README.md @ calls up to eight
if cfg!(miri) { 16 } else { 1024 }; @ docs/architecture.md @ slots (1,024)
slots of a thread, which take 32 KiB @ crates/contextvars/README.md @ allocates 32 KiB
const RECURSION_LIMIT: usize = 320; @ docs/parity.md @ 320 levels
const PREEMPTIONS: u32 = 3; @ docs/concurrency.md @ three preemptions
|| 3 * processors() @ docs/concurrency.md @ three threads a processor
";

#[test]
fn every_repeated_figure_is_that_of_the_code() {
    for line in FIGURES.trim().lines() {
        let [code, document, text] = line.split(" @ ").collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let code_has = |file: &File| file.is("rs") && file.path != HERE && file.text.contains(code);
        let says = |file: &File| file.path == document && in_a_line(&file.text).contains(text);
        let both = FILES.iter().any(code_has) && FILES.iter().any(says);
        assert!(both, "{line}");
    }
}

/// `[…]`, `|` and capitals have the meaning of a usage line.
#[test]
fn every_command_is_understood() {
    let commands = |document: &File| {
        let (_, blocks) = document.parts();
        let lines = blocks.into_iter().flat_map(str::lines).map(str::to_owned);
        let all = spans(document).into_iter().chain(lines);
        all.filter(|text| text.starts_with("cargo xtask "))
            .collect()
    };
    check(commands, |_, command| {
        let typed = command.split(" #").next().unwrap_or("").replace('\\', "");
        // A quoted text is one word.
        let whole = |(index, part): (usize, &str)| match index % 2 {
            0 => part.to_owned(),
            _ => part.replace(' ', "-"),
        };
        let typed: String = typed.split('"').enumerate().map(whole).collect();
        let first = |part: &str| part.split('|').next().unwrap_or("").to_owned();
        let typed: String = typed.split(']').map(first).collect();
        let typed = typed.replace('[', "").replace("GROUP", "hot");
        let words = typed.split_whitespace().skip(1).map(|word| match word {
            "N" | "S" => "1",
            word => word,
        });
        Cli::try_parse_from(words).is_err()
    });
}

/// A block of Rust must be a doctest, or be part of a file of a host; `…` marks omitted code.
#[test]
fn code_that_is_shown_is_code_that_compiles() {
    let plain = |code: &str| -> String {
        let lines = code.lines().filter(|line| !line.trim().starts_with("//"));
        lines.flat_map(str::split_whitespace).collect()
    };
    let blocks = |document: &File| {
        let (_, blocks) = document.parts();
        let rust = blocks
            .into_iter()
            .filter_map(|block| block.strip_prefix("rust"));
        rust.map(str::to_owned).collect()
    };
    check(blocks, |document, block| {
        // A page of a crate is included by that crate, other pages by `docs/lib.rs`.
        let of_crate = document.path.strip_prefix("crates/");
        let (includer, path) = match of_crate.and_then(|path| path.split_once('/')) {
            Some((name, page)) => (format!("crates/{name}/src/"), format!("../{page}")),
            None => ("docs/".into(), format!("../{}", document.path)),
        };
        let include = format!("include_str!(\"{path}\")");
        let includes =
            |file: &File| file.path.starts_with(&includer) && file.text.contains(&include);
        let block = plain(block.split_once('\n').unwrap_or_default().1);
        let stands_in = |file: &File| {
            let mut rest = plain(&file.text);
            block.split('…').all(|part| {
                let after = rest.split_once(part).map(|(_, after)| after.to_owned());
                after.is_some_and(|after| {
                    rest = after;
                    true
                })
            })
        };
        let host = |file: &&File| file.path.starts_with("crates/host-") && file.is("rs");
        !FILES.iter().any(includes) && !FILES.iter().filter(host).any(stands_in)
    });
}
