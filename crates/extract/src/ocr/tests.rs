//! Programs that read, fail, hang, shout and leave others behind.

use super::*;

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("conspectus-ocr-{}-{name}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// Files that lie in it now.
    fn files(&self) -> usize {
        std::fs::read_dir(&self.0).unwrap().count()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn picture() -> PageImage {
    PageImage {
        width: 3,
        height: 2,
        rgb: false,
        samples: vec![0, 1, 2, 3, 4, 255],
    }
}

fn ocr(folder: &Folder, script: &str) -> Ocr {
    let command = [
        "sh",
        "-c",
        script,
        "sh",
        "{image}",
        "{pdf}",
        "{page}",
        "{language}",
    ];
    Ocr {
        command: command.map(str::to_owned).to_vec(),
        timeout: Duration::from_secs(20),
        pages: 4,
        folder: folder.0.clone(),
    }
}

fn numbers(pages: std::ops::RangeInclusive<u32>) -> Vec<NonZeroU32> {
    pages.filter_map(NonZeroU32::new).collect()
}

/// Reads pages 1 to `last` and says what came of it, one line each.
fn told(ocr: &Ocr, last: u32) -> String {
    let (texts, warnings) = read(
        ocr,
        b"%PDF-1.7",
        &numbers(1..=last),
        Some("de"),
        &mut |_| Some(picture()),
    );
    let texts = texts.iter().map(|(page, text)| format!("{page}: {text}\n"));
    let warnings = warnings.iter().map(|warning| format!("{warning}\n"));
    texts.chain(warnings).collect()
}

#[track_caller]
fn check(name: &str, script: &str, last: u32, expected: &str) {
    let folder = Folder::new(name);
    assert_eq!(told(&ocr(&folder, script), last), expected);
    assert_eq!(folder.files(), 0, "a file is left");
}

#[test]
fn the_program_is_given_what_it_asks_for() {
    check(
        "given",
        r#"head -c 11 "$1" | tr '\n' ' '; cat "$2"; printf ' page %s in %s\r\n\f' "$3" "$4""#,
        2,
        "1: P5 3 2 255 %PDF-1.7 page 1 in deu\n2: P5 3 2 255 %PDF-1.7 page 2 in deu\n",
    );
}

#[test]
fn what_it_cannot_do_is_a_warning() {
    check(
        "fails",
        "if [ $3 = 2 ]; then echo fine; else echo first >&2; echo 'no such engine' >&2; exit 7; fi",
        3,
        "2: fine\nno text of pages 1, 3: `sh` ended with exit code 7: no such engine\n",
    );
    check(
        "dies",
        "kill -9 $$",
        1,
        "no text of page 1: `sh` ended with signal 9\n",
    );
    check("silent", "true", 2, "");
    check(
        "many",
        "echo $3",
        6,
        "1: 1\n2: 2\n3: 3\n4: 4\nonly the first 4 of 6 pages without text were read by `sh`\n",
    );
    check("bytes", r"printf 'caf\351 \0\001\n'", 1, "1: caf\u{fffd}\n");
    check(
        "shouts",
        "yes 'a line without end'",
        1,
        "no text of page 1: `sh` gave more than 1048576 bytes\n",
    );
    check(
        "complains",
        "yes complaint | head -c 3000000 >&2; echo text",
        1,
        "1: text\n",
    );
}

#[test]
fn a_program_that_is_not_there_is_tried_once() {
    let folder = Folder::new("missing");
    let mut ocr = ocr(&folder, "");
    ocr.command = vec!["conspectus-no-such-program".to_owned(), IMAGE.to_owned()];
    assert_eq!(
        told(&ocr, 3),
        "no text of page 1: cannot start `conspectus-no-such-program`: No such file or directory \
         (os error 2)\n"
    );
    assert_eq!(folder.files(), 0);
}

#[test]
fn a_program_that_hangs_is_ended_with_its_children_and_given_up() {
    let folder = Folder::new("hangs");
    let mut ocr = ocr(
        &folder,
        "(sleep 30; echo late > \"$1.late\") & echo text; wait",
    );
    ocr.timeout = Duration::from_millis(200);
    let started = Instant::now();
    assert_eq!(
        told(&ocr, 4),
        "no text of pages 1, 2, 3: `sh` took longer than 0.2 s\n\
         `sh` was not asked for further pages, as 3 in a row took too long\n"
    );
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(folder.files(), 0);
    assert!(ocr.allowance() >= ocr.timeout * 4);
}

#[test]
fn what_a_program_leaves_behind_does_not_hold_us_up() {
    // It keeps the pipe open, in the group of the program.
    let started = Instant::now();
    check("leaves", "sleep 30 & echo text", 1, "1: text\n");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn pages_without_a_picture_are_passed_over() {
    let folder = Folder::new("bare");
    let with_image = ocr(&folder, "echo $3");
    let mut asked = Vec::new();
    let (texts, warnings) = read(&with_image, b"", &numbers(1..=3), None, &mut |page| {
        asked.push(page.get());
        (page.get() == 2).then(picture)
    });
    assert_eq!((texts.len(), warnings.len(), asked), (1, 0, vec![1, 2, 3]));
    let mut without = with_image;
    without.command.retain(|part| part != IMAGE);
    let (texts, _) = read(&without, b"", &numbers(1..=3), None, &mut |_| {
        panic!("nobody wants a picture")
    });
    assert_eq!(texts.len(), 3);
    let mut wrong = picture();
    wrong.samples.pop();
    let (texts, warnings) = read(
        &ocr(&folder, "echo $3"),
        b"",
        &numbers(1..=1),
        None,
        &mut |_| Some(wrong.clone()),
    );
    assert!(texts.is_empty());
    assert_eq!(
        warnings,
        ["no text of page 1: cannot hand its picture to `sh`: 3 by 2 points in 5 bytes"]
    );
}

#[test]
fn languages_as_tesseract_names_them() {
    let check = |tag: &str, expected: &str| assert_eq!(three_letters(Some(tag)), expected);
    check("de-AT", "deu");
    check("zh", "chi_sim");
    check("zh-Hant-TW", "chi_tra");
    check("grc", "grc");
    check("xx", "eng");
    assert_eq!(three_letters(None), "eng");
}

#[test]
fn a_value_is_never_filled_in_again() {
    let values = [(IMAGE, "/a/{page}"), ("{page}", "7")];
    assert_eq!(
        fill("-i={image}:{page}{page}{x}", &values),
        "-i=/a/{page}:77{x}"
    );
}
