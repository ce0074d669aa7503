//! Text of pages that have none, read from their picture by a program of the user's.
//!
//! The program is started without a shell, once a page, and gives the text of the page on its
//! standard output. What goes wrong with it is a warning on the document.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::num::NonZeroU32;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, getrlimit, kill_process_group, prlimit,
    waitid,
};
use serde::{Deserialize, Serialize};

/// How pages without text are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ocr {
    /// The program, by its path or by a name in `PATH`, and its arguments. In each of them stands
    /// `{image}` for a file with the picture of the page (PGM or PPM), `{pdf}` for the PDF as a
    /// file, `{page}` for the number of the page, from 1, `{language}` for the language that the
    /// PDF names, in the three letters that tesseract uses, `eng` where it names none.
    pub command: Vec<String>,
    /// Time for one page, by the wall.
    pub timeout: Duration,
    /// Pages of one document that are read.
    pub pages: u32,
    /// Folder for the files that the program is given; must exist, and is ours alone.
    pub folder: PathBuf,
}

impl Ocr {
    /// The longest that one document may take with it.
    pub fn allowance(&self) -> Duration {
        self.timeout
            .saturating_add(ENDING + PICTURE)
            .saturating_mul(self.pages)
    }

    /// Processor time of our own that handing over the pages of one document may take.
    pub fn own_seconds(&self) -> u64 {
        PICTURE.as_secs().saturating_mul(u64::from(self.pages))
    }

    /// Whether the command can be of any use: it names a program, and is given what to read.
    pub fn reads_something(&self) -> bool {
        self.command.len() > 1 && (self.names(IMAGE) || self.names(PDF))
    }

    fn names(&self, placeholder: &str) -> bool {
        self.command.iter().any(|part| part.contains(placeholder))
    }

    fn program(&self) -> &str {
        self.command.first().map(String::as_str).unwrap_or_default()
    }
}

const IMAGE: &str = "{image}";
const PDF: &str = "{pdf}";

/// Text of one page that is taken: a page of a newspaper has 60 KiB.
const TEXT_BYTES: u64 = 1 << 20;
/// The end of what a program complains that is looked at.
const COMPLAINT_BYTES: usize = 2048;
/// Characters of it that a warning quotes.
const QUOTED_CHARS: usize = 200;
/// Pages in a row that take too long, after which no further one is tried.
const PATIENCE: usize = 3;
/// How long what a program wrote may take to come out of its pipe after its end.
const ENDING: Duration = Duration::from_secs(1);
/// Time in which a picture is decoded and handed over: a guess for a page at 600 dpi in JPEG 2000,
/// the slowest of the formats.
const PICTURE: Duration = Duration::from_secs(5);
/// Pages that a warning names.
const NAMED: usize = 5;

/// The picture that stands for a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageImage {
    /// In samples.
    pub(crate) width: u32,
    /// In samples.
    pub(crate) height: u32,
    /// Three samples a point, red, green, blue; else one, from black to white.
    pub(crate) rgb: bool,
    /// Row by row from the top, 8 bits each.
    pub(crate) samples: Vec<u8>,
}

/// Reads pages of a PDF, in the order in which they are given. Returns the texts that are not
/// empty, and what to warn of.
///
/// `image` decodes the picture of a page, and is asked only for what is read next: a hundred scans
/// do not fit in memory. A page without a picture is passed over where the program wants one.
/// `language`: a BCP 47 tag.
pub(crate) fn read(
    ocr: &Ocr,
    pdf: &[u8],
    pages: &[NonZeroU32],
    language: Option<&str>,
    image: &mut dyn FnMut(NonZeroU32) -> Option<PageImage>,
) -> (BTreeMap<NonZeroU32, String>, Vec<String>) {
    let mut texts = BTreeMap::new();
    let mut warnings = Vec::new();
    let mut failures: Vec<(String, Vec<NonZeroU32>)> = Vec::new();
    let most = ocr.pages as usize;
    if pages.len() > most {
        warnings.push(format!(
            "only the first {most} of {} pages without text were read by `{}`",
            pages.len(),
            ocr.program()
        ));
    }
    let mut late = 0;
    let mut file = None;
    for number in pages.iter().copied().take(most) {
        let picture = if ocr.names(IMAGE) {
            let Some(picture) = image(number) else {
                continue;
            };
            Some(picture)
        } else {
            None
        };
        if ocr.names(PDF) && file.is_none() {
            match Temporary::write(&ocr.folder, "pdf", |file| file.write_all(pdf)) {
                Ok(written) => file = Some(written),
                Err(error) => {
                    warnings.push(format!("no text from `{}`: {error}", ocr.program()));
                    break;
                }
            }
        }
        let asked = Asked {
            number,
            picture: picture.as_ref(),
            pdf: file.as_ref().map(|file| file.0.as_path()),
            language,
        };
        let result = page(ocr, &asked);
        late = match &result {
            Err(Failure::Late) => late + 1,
            _ => 0,
        };
        let ends = late == PATIENCE || matches!(result, Err(Failure::NoProgram(_)));
        match result {
            Ok(text) if text.is_empty() => {}
            Ok(text) => drop(texts.insert(number, text)),
            Err(failure) => {
                let reason = failure.reason(ocr);
                match failures.iter_mut().find(|(known, _)| *known == reason) {
                    Some((_, numbers)) => numbers.push(number),
                    None => failures.push((reason, vec![number])),
                }
            }
        }
        if ends {
            break;
        }
    }
    for (reason, numbers) in failures {
        warnings.push(format!("no text of {}: {reason}", list(&numbers)));
    }
    if late == PATIENCE {
        warnings.push(format!(
            "`{}` was not asked for further pages, as {PATIENCE} in a row took too long",
            ocr.program()
        ));
    }
    (texts, warnings)
}

/// `page 3`, `pages 3, 4`, `pages 3, 4, 5, 6, 7 and 12 more`.
fn list(pages: &[NonZeroU32]) -> String {
    let named: Vec<String> = pages.iter().take(NAMED).map(ToString::to_string).collect();
    let word = if pages.len() == 1 { "page" } else { "pages" };
    let more = pages.len().saturating_sub(NAMED);
    match more {
        0 => format!("{word} {}", named.join(", ")),
        more => format!("{word} {} and {more} more", named.join(", ")),
    }
}

/// One page to be read.
struct Asked<'a> {
    number: NonZeroU32,
    picture: Option<&'a PageImage>,
    pdf: Option<&'a Path>,
    language: Option<&'a str>,
}

/// Why a page gave no text.
#[derive(Debug)]
enum Failure {
    /// The program cannot be started.
    NoProgram(io::Error),
    /// The picture cannot be handed over.
    Picture(String),
    /// The program took too long.
    Late,
    /// It wrote more than a page has.
    TooMuch,
    /// It ended with a failure, and said this last.
    Ended(ExitStatus, String),
}

impl Failure {
    fn reason(&self, ocr: &Ocr) -> String {
        let program = ocr.program();
        match self {
            Self::NoProgram(error) => format!("cannot start `{program}`: {error}"),
            Self::Picture(reason) => format!("cannot hand its picture to `{program}`: {reason}"),
            Self::Late => {
                let seconds = ocr.timeout.as_secs_f64();
                format!("`{program}` took longer than {seconds} s")
            }
            Self::TooMuch => format!("`{program}` gave more than {TEXT_BYTES} bytes"),
            Self::Ended(status, said) => {
                let how = match (status.code(), status.signal()) {
                    (Some(code), _) => format!("exit code {code}"),
                    (None, Some(signal)) => format!("signal {signal}"),
                    (None, None) => "a failure".to_owned(),
                };
                if said.is_empty() {
                    format!("`{program}` ended with {how}")
                } else {
                    format!("`{program}` ended with {how}: {said}")
                }
            }
        }
    }
}

/// Runs the program for one page and returns the text it gave.
fn page(ocr: &Ocr, asked: &Asked<'_>) -> Result<String, Failure> {
    let picture = match asked.picture {
        Some(picture) => Some(picture.write(&ocr.folder).map_err(Failure::Picture)?),
        None => None,
    };
    let path = |path: Option<&Path>| {
        path.map(|path| path.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let image = path(picture.as_ref().map(|file| file.0.as_path()));
    let pdf = path(asked.pdf);
    let number = asked.number.to_string();
    let fill = |part: &String| {
        fill(
            part,
            &[
                (IMAGE, &image),
                (PDF, &pdf),
                ("{page}", &number),
                ("{language}", three_letters(asked.language)),
            ],
        )
    };
    let mut child = Command::new(ocr.program())
        .args(ocr.command.iter().skip(1).map(fill))
        // Alone in its group, so that it can be ended with all that it has started.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Failure::NoProgram)?;
    unbind(&child);
    let text = child.stdout.take().map(|pipe| {
        in_background(move || {
            let mut bytes = Vec::new();
            // What was read before a failure is what there is.
            drop(pipe.take(TEXT_BYTES + 1).read_to_end(&mut bytes));
            bytes
        })
    });
    let complaint = child
        .stderr
        .take()
        .map(|pipe| in_background(|| end_of(pipe)));
    let status = finish(&mut child, ocr.timeout);
    let wait =
        |pipe: Option<Receiver<Vec<u8>>>| pipe.and_then(|pipe| pipe.recv_timeout(ENDING).ok());
    let (text, complaint) = (wait(text), wait(complaint));
    let status = status.ok_or(Failure::Late)?;
    let text = text.ok_or(Failure::Late)?;
    if text.len() as u64 > TEXT_BYTES {
        return Err(Failure::TooMuch);
    }
    if !status.success() {
        return Err(Failure::Ended(
            status,
            last_line(&complaint.unwrap_or_default()),
        ));
    }
    Ok(tidy(&String::from_utf8_lossy(&text)))
}

/// Puts values in place of their names, each place once, so that a value that looks like a name
/// stays what it is.
fn fill(part: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = part;
    loop {
        let first = values
            .iter()
            .filter_map(|(name, value)| Some((rest.find(name)?, name, value)))
            .min_by_key(|(at, ..)| *at);
        let Some((at, name, value)) = first else {
            filled.push_str(rest);
            return filled;
        };
        filled.push_str(rest.get(..at).unwrap_or_default());
        filled.push_str(value);
        rest = rest.get(at + name.len()..).unwrap_or_default();
    }
}

/// Takes from a program the limits of the worker that started it, as far as they may be raised: it
/// is the user's own, and has threads and tables of its own. Its time is bounded by the wall.
fn unbind(child: &Child) {
    let Some(pid) = Pid::from_raw(child.id() as i32) else {
        return;
    };
    for resource in [Resource::As, Resource::Cpu, Resource::Nofile] {
        let most = getrlimit(resource).maximum;
        let limit = Rlimit {
            current: most,
            maximum: most,
        };
        // Refused where the program has ended already; else it runs with less.
        let _refused = prlimit(Some(pid), resource, limit).is_err();
    }
}

/// Waits for the end of a program; `None` where it was ended because its time was over. Whatever it
/// has left in its group is ended with it.
fn finish(child: &mut Child, timeout: Duration) -> Option<ExitStatus> {
    let started = Instant::now();
    let pid = Pid::from_raw(child.id() as i32)?;
    // It is not laid to rest before its group is, so that its number means no other group.
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let mut pause = Duration::from_millis(1);
    let ended = loop {
        match waitid(WaitId::Pid(pid), options) {
            Ok(Some(_)) => break true,
            Ok(None) | Err(rustix::io::Errno::INTR) if started.elapsed() < timeout => {
                std::thread::sleep(pause.min(timeout.saturating_sub(started.elapsed())));
                pause = (pause * 2).min(Duration::from_millis(50));
            }
            Ok(None) | Err(_) => break false,
        }
    };
    // Refused where nobody is left in it.
    let _refused = kill_process_group(pid, Signal::KILL).is_err();
    let status = child.wait().ok();
    if ended { status } else { None }
}

/// Does something in a thread of its own, which may be left alone with a pipe that nobody closes.
fn in_background(read: impl FnOnce() -> Vec<u8> + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    // Where no thread can be started, nothing comes.
    drop(std::thread::Builder::new().spawn(move || drop(sender.send(read()))));
    receiver
}

/// The end of what is written, however much it is.
fn end_of(mut pipe: impl Read) -> Vec<u8> {
    let mut kept: Vec<u8> = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(n @ 1..) = pipe.read(&mut buffer) {
        kept.extend(buffer.iter().take(n));
        kept.drain(..kept.len().saturating_sub(COMPLAINT_BYTES));
    }
    kept
}

fn last_line(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty());
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let last = last.unwrap_or_default();
    last.chars().map(plain).take(QUOTED_CHARS).collect()
}

/// Text with `\n` at the ends of its lines and without other controls, which are marks of pages.
fn tidy(text: &str) -> String {
    let text: String = text
        .replace("\r\n", "\n")
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    text.trim().to_owned()
}

/// A file for the program, gone with its value.
struct Temporary(PathBuf);

impl Temporary {
    fn write(
        folder: &Path,
        extension: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("ocr-{}-{number}.{extension}", std::process::id());
        let path = folder.join(name);
        let file = File::options().write(true).create_new(true).open(&path)?;
        let temporary = Self(path);
        let mut file = BufWriter::new(file);
        write(&mut file)?;
        file.flush()?;
        Ok(temporary)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // What is left is removed with the folder.
        drop(std::fs::remove_file(&self.0));
    }
}

impl PageImage {
    /// Writes it as PGM or PPM (netpbm, `P5` and `P6`).
    fn write(&self, folder: &Path) -> Result<Temporary, String> {
        let samples = u64::from(self.width) * u64::from(self.height);
        let samples = samples * if self.rgb { 3 } else { 1 };
        if samples == 0 || samples != self.samples.len() as u64 {
            return Err(format!(
                "{} by {} points in {} bytes",
                self.width,
                self.height,
                self.samples.len()
            ));
        }
        let (kind, extension) = if self.rgb {
            ("P6", "ppm")
        } else {
            ("P5", "pgm")
        };
        Temporary::write(folder, extension, |file| {
            writeln!(file, "{kind}\n{} {}\n255", self.width, self.height)?;
            file.write_all(&self.samples)
        })
        .map_err(|error| error.to_string())
    }
}

/// A language by the name that tesseract has for it: three letters of ISO 639-2/T, and two names
/// for Chinese. English where none is known.
fn three_letters(tag: Option<&str>) -> &str {
    let Some(tag) = tag else { return "eng" };
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    if language == "zh" {
        let old = parts.any(|part| ["Hant", "TW", "HK", "MO"].contains(&part));
        return if old { "chi_tra" } else { "chi_sim" };
    }
    let found = LANGUAGES.iter().find(|(two, _)| *two == language);
    match found {
        Some((_, three)) => three,
        None if language.len() == 3 => language,
        None => "eng",
    }
}

/// ISO 639-1 to 639-2/T, for what tesseract has been trained on.
#[rustfmt::skip]
const LANGUAGES: &[(&str, &str)] = &[
    ("af", "afr"), ("am", "amh"), ("ar", "ara"), ("as", "asm"), ("az", "aze"), ("be", "bel"),
    ("bg", "bul"), ("bn", "ben"), ("bo", "bod"), ("br", "bre"), ("bs", "bos"), ("ca", "cat"),
    ("co", "cos"), ("cs", "ces"), ("cy", "cym"), ("da", "dan"), ("de", "deu"), ("dv", "div"),
    ("dz", "dzo"), ("el", "ell"), ("en", "eng"), ("eo", "epo"), ("es", "spa"), ("et", "est"),
    ("eu", "eus"), ("fa", "fas"), ("fi", "fin"), ("fo", "fao"), ("fr", "fra"), ("fy", "fry"),
    ("ga", "gle"), ("gd", "gla"), ("gl", "glg"), ("gu", "guj"), ("he", "heb"), ("hi", "hin"),
    ("hr", "hrv"), ("ht", "hat"), ("hu", "hun"), ("hy", "hye"), ("id", "ind"), ("is", "isl"),
    ("it", "ita"), ("iu", "iku"), ("ja", "jpn"), ("jv", "jav"), ("ka", "kat"), ("kk", "kaz"),
    ("km", "khm"), ("kn", "kan"), ("ko", "kor"), ("ku", "kmr"), ("ky", "kir"), ("la", "lat"),
    ("lb", "ltz"), ("lo", "lao"), ("lt", "lit"), ("lv", "lav"), ("mi", "mri"), ("mk", "mkd"),
    ("ml", "mal"), ("mn", "mon"), ("mr", "mar"), ("ms", "msa"), ("mt", "mlt"), ("my", "mya"),
    ("nb", "nor"), ("ne", "nep"), ("nl", "nld"), ("nn", "nor"), ("no", "nor"), ("oc", "oci"),
    ("or", "ori"), ("pa", "pan"), ("pl", "pol"), ("ps", "pus"), ("pt", "por"), ("qu", "que"),
    ("ro", "ron"), ("ru", "rus"), ("sa", "san"), ("sd", "snd"), ("si", "sin"), ("sk", "slk"),
    ("sl", "slv"), ("sq", "sqi"), ("sr", "srp"), ("su", "sun"), ("sv", "swe"), ("sw", "swa"),
    ("ta", "tam"), ("te", "tel"), ("tg", "tgk"), ("th", "tha"), ("ti", "tir"), ("to", "ton"),
    ("tr", "tur"), ("tt", "tat"), ("ug", "uig"), ("uk", "ukr"), ("ur", "urd"), ("uz", "uzb"),
    ("vi", "vie"), ("yi", "yid"), ("yo", "yor"),
];

#[cfg(test)]
mod tests;
