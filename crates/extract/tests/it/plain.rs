//! Plain text and Markdown.

use expect_test::{Expect, expect};

use crate::{describe, document, record};

#[track_caller]
fn check(url: &str, media_type: &str, text: &str, expected: &Expect) {
    expected.assert_eq(&describe(&document(&record(
        url,
        media_type,
        text.as_bytes(),
    ))));
}

#[test]
fn a_text_and_a_markdown_file() {
    check(
        "https://a.example/notes.txt",
        "text/plain",
        "Port dues\n\nShips of more than nine fathoms pay in silver.\n",
        &expect![[r"
            title: Port dues

            [-] Top
            Port dues
            Ships of more than nine fathoms pay in silver.
        "]],
    );
    check(
        "https://a.example/README.md",
        "text/plain",
        "# Port\n\nAll about it.\n\n## Dues\n\nIn silver.\n",
        &expect![[r"
            title: Port

            [Port] Top
            Port
            All about it.

            [Dues] Top
            Dues
            In silver.
        "]],
    );
}
