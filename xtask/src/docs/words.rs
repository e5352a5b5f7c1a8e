//! How comments and documents are written: no forbidden opening or word, no long sentence.

use super::{FILES, File, HERE, check, in_a_line};

/// No doc comment begins with these words.
const OPENINGS: &[&str] = &["Gives", "Tells", "Asks", "Lets", "Says"];

/// No comment and no document has these words.
const WORDS: &[&str] = &["nobody", "whoever", "somebody", "is told", "are told"];

/// The most words of a sentence in a document; a colon and a semicolon end one, too.
const LONGEST: usize = 30;

/// The text of each comment of a file of code, with its line's number. Examples are code, no comments.
fn comments(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let mark = if file.is("rs") { "//" } else { "# " };
    let code = ["rs", "py", "toml"].iter().any(|kind| file.is(kind)) && file.path != HERE;
    let lines = file.text.lines().enumerate().filter(move |_| code);
    let comments =
        lines.filter_map(move |(index, line)| Some((index + 1, line.split_once(mark)?.1)));
    let mut in_example = false;
    comments.filter(move |(_, text)| {
        let is_fence = text.trim_start_matches(['/', '!', ' ']).starts_with("```");
        in_example ^= is_fence;
        !in_example && !is_fence
    })
}

#[test]
fn no_comment_has_a_forbidden_opening_or_word() {
    let (mut read, mut wrong) = (0, Vec::new());
    for file in FILES.iter() {
        let mut last = 0;
        for (line, text) in comments(file) {
            read += 1;
            let is_doc = text.starts_with(['/', '!']);
            let opens = is_doc && last + 1 < line;
            last = line;
            let text = text.trim_start_matches(['/', '!', ' ']);
            let opening = OPENINGS
                .iter()
                .any(|word| text.split(' ').next() == Some(word));
            let lower = text.to_lowercase();
            if opens && opening || WORDS.iter().any(|word| lower.contains(word)) {
                wrong.push(format!("{}:{line}: {text}", file.path));
            }
        }
    }
    assert!(read > 1000, "the comments were not read");
    assert!(wrong.is_empty(), "reword:\n{}", wrong.join("\n"));
}

/// The sentences of a document: not its code, tables, headings and generated parts.
fn sentences(document: &File) -> Vec<String> {
    let prose = document.parts().0.replace("**", "");
    fn written(part: &str) -> &str {
        part.split_once("<!-- end").map_or("", |(_, rest)| rest)
    }
    let mut parts = prose.split("<!-- begin");
    let first = parts.next().unwrap_or_default().to_owned();
    let prose = parts.map(written).fold(first, |all, part| all + part);
    let starts = |line: &str| line.trim_start().starts_with(['|', '#', '-', '*', '>']);
    let broken = prose
        .lines()
        .map(|line| match starts(line) || line.trim().is_empty() {
            true => format!("\n\n{line}"),
            false => line.to_owned(),
        });
    let text = broken.collect::<Vec<_>>().join("\n");
    let paragraphs = text.split("\n\n").map(in_a_line);
    let paragraphs = paragraphs.filter(|text| !text.starts_with(['|', '#']));
    let ended = |text: String| {
        let text = [". ", "? ", "! ", ": ", "; "]
            .iter()
            .fold(text, |text, end| text.replace(end, "\n"));
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    paragraphs.flat_map(ended).collect()
}

#[test]
fn no_document_has_a_long_sentence_or_a_forbidden_word() {
    check(sentences, |_, sentence| {
        let lower = sentence.to_lowercase();
        let is_long = sentence.split(' ').count() > LONGEST;
        is_long || WORDS.iter().any(|word| lower.contains(word))
    });
}
