//! The one writer of answers: it knows colour, width, and that a closed pipe is success.

use std::io::{self, IsTerminal as _, Write as _};

/// Whether standard output is a terminal that wants colour.
pub(crate) fn colour() -> bool {
    io::stdout().is_terminal() && !crate::config::no_colour()
}

/// Columns of the terminal; `None` where standard output is none.
pub(crate) fn width() -> Option<usize> {
    let columns = terminal_size::terminal_size_of(io::stdout())?.0.0;
    io::stdout()
        .is_terminal()
        .then_some(usize::from(columns))
        .filter(|&columns| columns >= 20)
}

/// Writes an answer to standard output.
///
/// A reader who has gone away (`conspectus search … | head`) ends the program quietly.
pub(crate) fn answer(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Writes many lines to standard output; says whether anybody still reads.
pub(crate) struct Lines {
    out: io::BufWriter<io::Stdout>,
}

impl Lines {
    pub(crate) fn new() -> Self {
        Self {
            out: io::BufWriter::with_capacity(1 << 16, io::stdout()),
        }
    }

    /// Writes a line. Returns `false` where the reader has gone away.
    pub(crate) fn line(&mut self, text: &str) -> anyhow::Result<bool> {
        self.still_read(|out| {
            out.write_all(text.as_bytes())?;
            out.write_all(b"\n")
        })
    }

    /// Writes lines that have their line feeds. Returns `false` where the reader has gone away.
    pub(crate) fn whole(&mut self, lines: &[u8]) -> anyhow::Result<bool> {
        self.still_read(|out| out.write_all(lines))
    }

    /// Hands everything over. Returns `false` where the reader has gone away.
    pub(crate) fn end(&mut self) -> anyhow::Result<bool> {
        self.still_read(io::Write::flush)
    }

    fn still_read(
        &mut self,
        write: impl FnOnce(&mut io::BufWriter<io::Stdout>) -> io::Result<()>,
    ) -> anyhow::Result<bool> {
        match write(&mut self.out) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Tells the user something beside the answer.
#[expect(
    clippy::print_stderr,
    reason = "the one place that talks beside the answer"
)]
pub(crate) fn tell(text: &str) {
    eprintln!("{text}");
}

/// A size for people: `1.5 MiB`.
pub(crate) fn bytes(count: u64) -> String {
    let mut value = count as f64;
    for unit in ["bytes", "KiB", "MiB", "GiB"] {
        if value < 1024.0 {
            return if unit == "bytes" {
                format!("{count} bytes")
            } else {
                format!("{value:.1} {unit}")
            };
        }
        value /= 1024.0;
    }
    format!("{value:.1} TiB")
}

/// A count with a comma between thousands: `48,625`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(48_625), "48,625");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(bytes(1), "1 bytes");
        assert_eq!(bytes(1536), "1.5 KiB");
    }
}
