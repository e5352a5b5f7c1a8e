//! Runs the examples of the repository's README. They need several crates, and no package has that file.
#![cfg_attr(doctest, doc = include_str!("../README.md"))]
