//! The letters of a page and where they stand: the page's content is run, and nothing is drawn.

use std::collections::HashMap;

use hayro_interpret::font::{Glyph, GlyphRun, OutlineFontData};
use hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro_interpret::kurbo::{Affine, BezPath, PathEl, Point, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, SoftMask, interpret_page,
};
use hayro_syntax::Pdf;
use hayro_syntax::page::Page;
use skrifa::MetadataProvider as _;
use unicode_normalization::UnicodeNormalization as _;

use super::cid::{self, Collection};
use crate::text::is_invisible;

/// More letters than this are no page that anyone reads.
const MOST_LETTERS: usize = 400_000;
/// Lines of tables and boxes that are noted.
const MOST_RULES: usize = 4_000;
/// A rule is no thicker than this (points) …
const THICK: f64 = 3.0;
/// … and at least so long.
const LONG: f64 = 12.0;
/// Weight from which a font is bold (CSS: 600 is semi-bold).
const BOLD: u32 = 600;
/// A letter wider than so many of its ems is of a font that does not know its em.
const NO_EM: f32 = 6.0;
/// The size of such a letter, until it is estimated.
const NO_SIZE: f32 = -1.0;
/// hayro's glyphs have this size before their transform.
const EM: f64 = 1000.0;

/// Which way a text runs on the upright page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Turn {
    /// As most texts do.
    Level,
    /// Downwards: turned clockwise, or written from top to bottom.
    Down,
    /// On its head.
    Over,
    /// Upwards.
    Up,
    /// Askew, as watermarks are.
    Askew,
}

/// One letter, in the frame of its own direction: `left` and `right` along the line, `baseline`
/// across it, both growing as one reads. Points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Letter {
    pub(super) char: char,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) baseline: f32,
    pub(super) size: f32,
    pub(super) bold: bool,
    pub(super) turn: Turn,
}

/// A thin straight line, level or upright, as tables have them. Points of the upright page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) level: bool,
    /// Its place across itself.
    pub(super) at: f32,
    pub(super) from: f32,
    pub(super) to: f32,
}

/// What running a page's content gave.
#[derive(Debug, Default)]
pub(super) struct Printed {
    /// In the order in which they were printed.
    pub(super) letters: Vec<Letter>,
    /// Width and height of the upright page, points.
    pub(super) size: (f32, f32),
    pub(super) rules: Vec<Rule>,
    /// Share of the page that its largest picture covers.
    pub(super) pictured: f32,
    /// Glyphs that no map, name or font turns into a letter.
    pub(super) unmapped: usize,
    /// Whether the page has more letters than are read.
    pub(super) cut: bool,
}

/// Runs pages of one document; keeps its fonts between them.
pub(super) struct Runner<'a> {
    pdf: &'a Pdf,
    cache: InterpreterCache<'a>,
    settings: InterpreterSettings,
    fonts: HashMap<u128, Font>,
    /// Read when a letter is missing.
    collections: Option<HashMap<String, Collection>>,
}

/// What is known of a font beside what the PDF says.
struct Font {
    bold: bool,
    /// Characters by glyph, from the font's own character map.
    characters: HashMap<u32, char>,
}

impl Font {
    fn of(data: &OutlineFontData) -> Self {
        let name = data.postscript_name.as_deref().unwrap_or_default();
        let bold = data.weight.is_some_and(|weight| weight >= BOLD) || name.contains("Bold");
        Self {
            bold,
            characters: HashMap::new(),
        }
    }

    /// The character that the font itself has for a glyph; the map is read when it is needed.
    fn character(&mut self, data: &OutlineFontData, glyph: u32) -> Option<char> {
        if self.characters.is_empty() {
            let bytes: &[u8] = (*data.data).as_ref();
            let font = skrifa::FontRef::new(bytes).ok();
            for (code, glyph) in font.iter().flat_map(|font| font.charmap().mappings()) {
                // Symbol fonts keep ASCII in the private area.
                let code = match code {
                    0xf020..=0xf07e => code - 0xf000,
                    _ => code,
                };
                if let Some(char) = char::from_u32(code) {
                    self.characters.entry(glyph.to_u32()).or_insert(char);
                }
            }
            // Not to be looked for again.
            self.characters.entry(u32::MAX).or_insert(' ');
        }
        self.characters.get(&glyph).copied()
    }
}

impl<'a> Runner<'a> {
    pub(super) fn new(pdf: &'a Pdf) -> Self {
        Self {
            pdf,
            cache: InterpreterCache::new(),
            settings: InterpreterSettings::default(),
            fonts: HashMap::new(),
            collections: None,
        }
    }

    /// From the page's own space to points from its upper left corner, upright, y down.
    pub(super) fn upright(page: &Page<'a>) -> Affine {
        let t = page.initial_transform(true).as_coeffs();
        Affine::new(t)
    }

    /// The letters of a page.
    pub(super) fn run(&mut self, page: &Page<'a>) -> Printed {
        let (width, height) = page.render_dimensions();
        let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let mut context = Context::new(
            Self::upright(page),
            area,
            &self.cache,
            self.pdf.xref(),
            self.settings.clone(),
        );
        let mut reader = Reader {
            pdf: self.pdf,
            fonts: &mut self.fonts,
            collections: &mut self.collections,
            printed: Printed {
                size: (width, height),
                ..Printed::default()
            },
        };
        interpret_page(page, &mut context, &mut reader);
        let mut printed = reader.printed;
        give_sizes(&mut printed.letters);
        printed
    }
}

struct Reader<'f> {
    pdf: &'f Pdf,
    fonts: &'f mut HashMap<u128, Font>,
    collections: &'f mut Option<HashMap<String, Collection>>,
    printed: Printed,
}

impl Reader<'_> {
    /// The letter of a glyph without a map or a name.
    fn guess(&mut self, glyph: &Glyph<'_>, data: Option<&OutlineFontData>) -> Option<BfString> {
        let outline = match glyph {
            Glyph::Outline(outline) => outline,
            // A font of drawings without names that can be read mostly keeps the places of Latin 1.
            Glyph::Type3(drawn) => {
                let char = char::from_u32(drawn.char_code())
                    .filter(|char| char.is_ascii_graphic() || matches!(char, '\u{c0}'..='\u{ff}'));
                return char.map(BfString::Char);
            }
        };
        let data = data?;
        let pdf = self.pdf;
        let collections = self
            .collections
            .get_or_insert_with(|| cid::collections(pdf));
        let name = data.postscript_name.as_deref().unwrap_or_default();
        if let Some(collection) = collections.get(name) {
            return collection.letter(outline.char_code());
        }
        let font = self.fonts.get_mut(&data.cache_key)?;
        let char = font.character(data, outline.glyph_id().to_u32())?;
        Some(BfString::Char(char))
    }

    fn rule(&mut self, area: Rect) {
        let (width, height) = (area.width(), area.height());
        let level = width >= height;
        if !(width.min(height) <= THICK && width.max(height) >= LONG)
            || self.printed.rules.len() >= MOST_RULES
        {
            return;
        }
        let (at, from, to) = if level {
            (f64::midpoint(area.y0, area.y1), area.x0, area.x1)
        } else {
            (f64::midpoint(area.x0, area.x1), area.y0, area.y1)
        };
        self.printed.rules.push(Rule {
            level,
            at: at as f32,
            from: from as f32,
            to: to as f32,
        });
    }

    fn place(&self, at: Affine, advance: f64, way: Way) -> Option<Letter> {
        let (width, height) = self.printed.size;
        let origin = at * Point::ZERO;
        let (x, y) = (origin.x as f32, origin.y as f32);
        if !(x.is_finite() && y.is_finite())
            || x < -1.0
            || y < -1.0
            || x > width + 1.0
            || y > height + 1.0
        {
            return None;
        }
        let along = at * Point::new(EM, 0.0) - origin;
        let up = at * Point::new(0.0, EM) - origin;
        let mut size = up.hypot() as f32;
        if !size.is_finite() {
            return None;
        }
        let (along, length) = match way {
            Way::Vertical => (up * -1.0, f64::from(size)),
            Way::Level => (along, along.hypot() * advance / EM),
            Way::Stretched => (along, up.hypot() * advance / EM),
        };
        if length as f32 > NO_EM * size {
            size = NO_SIZE;
        } else if size < 0.5 {
            return None;
        }
        let (dx, dy) = (along.x, along.y);
        let turn = if dx.abs() > 8.0 * dy.abs() {
            if dx > 0.0 { Turn::Level } else { Turn::Over }
        } else if dy.abs() > 8.0 * dx.abs() {
            if dy > 0.0 { Turn::Down } else { Turn::Up }
        } else {
            Turn::Askew
        };
        let (left, baseline) = match turn {
            Turn::Level | Turn::Askew => (x, y),
            Turn::Down => (y, width - x),
            Turn::Over => (width - x, height - y),
            Turn::Up => (height - y, x),
        };
        Some(Letter {
            char: ' ',
            left,
            right: left + length as f32,
            baseline,
            size,
            bold: false,
            turn,
        })
    }
}

/// Fonts of bitmaps count in points of their printer; their letters are as large as their
/// neighbours are wide, about.
fn give_sizes(letters: &mut [Letter]) {
    let unsized_letters = letters.iter().filter(|letter| letter.size == NO_SIZE);
    let widths: Vec<f32> = unsized_letters
        .map(|letter| letter.right - letter.left)
        .collect();
    if widths.is_empty() {
        return;
    }
    let size = 2.0 * widths.iter().sum::<f32>() / widths.len() as f32;
    for letter in letters.iter_mut().filter(|letter| letter.size == NO_SIZE) {
        letter.size = size;
    }
}

/// How far a glyph reaches along its line.
#[derive(Clone, Copy)]
enum Way {
    /// As wide as its advance, scaled as it is drawn.
    Level,
    /// The same, but it is drawn wider or narrower to fit a font that takes its font's place.
    Stretched,
    /// One size down.
    Vertical,
}

/// Whether glyphs of one run are drawn by different measures.
fn is_stretched(run: &GlyphRun<'_, '_>) -> bool {
    let mut shapes = run.glyphs().iter().take(16).map(|glyph| {
        let [a, b, c, d, _, _] = glyph.transform().as_coeffs();
        a.hypot(b) / c.hypot(d)
    });
    let Some(first) = shapes.next() else {
        return false;
    };
    shapes.any(|shape| (shape - first).abs() > 0.01 * first)
}

impl<'a> Device<'a> for Reader<'_> {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        let way = if run.writing_mode() == WritingMode::Vertical {
            Way::Vertical
        } else if is_stretched(run) {
            Way::Stretched
        } else {
            Way::Level
        };
        let mut font = None;
        for glyph in run.glyphs() {
            if self.printed.letters.len() >= MOST_LETTERS {
                self.printed.cut = true;
                return;
            }
            let advance = match &**glyph {
                Glyph::Outline(outline) => outline.advance_width(),
                Glyph::Type3(drawn) => drawn.advance_width(),
            };
            let advance = f64::from(advance.unwrap_or(500.0));
            let at = props.transform * glyph.transform();
            let Some(mut letter) = self.place(at, advance, way) else {
                continue;
            };
            let data = match &**glyph {
                Glyph::Outline(outline) => {
                    // A run has one font.
                    font.get_or_insert_with(|| outline.font_data()).as_ref()
                }
                Glyph::Type3(_) => None,
            };
            if let Some(data) = data {
                let font = self.fonts.entry(data.cache_key);
                letter.bold = font.or_insert_with(|| Font::of(data)).bold;
            }
            let text = glyph
                .as_unicode()
                .and_then(readable)
                .or_else(|| self.guess(glyph, data).and_then(readable));
            match text {
                Some(text) => push(&mut self.printed.letters, letter, &text),
                None => self.printed.unmapped += 1,
            }
        }
    }

    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, _: &DrawMode) {
        // Drawings have long paths; tables have lines and boxes.
        if path.elements().len() > 12 {
            return;
        }
        let mut last = None;
        let mut first = None;
        for element in path.elements() {
            let to = match element {
                PathEl::MoveTo(to) => {
                    first = Some(*to);
                    last = Some(*to);
                    continue;
                }
                PathEl::LineTo(to) => *to,
                PathEl::ClosePath => match first {
                    Some(first) => first,
                    None => continue,
                },
                PathEl::QuadTo(..) | PathEl::CurveTo(..) => return,
            };
            if let Some(from) = last.replace(to) {
                self.rule(Rect::from_points(
                    props.transform * from,
                    props.transform * to,
                ));
            }
        }
    }

    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'a>, mode: &DrawMode) {
        let area = props.transform.transform_rect_bbox(*rect);
        if area.width().min(area.height()) <= THICK {
            self.rule(area);
        } else if matches!(mode, DrawMode::Stroke(_) | DrawMode::FillAndStroke(..)) {
            for (from, to) in [
                ((area.x0, area.y0), (area.x1, area.y0)),
                ((area.x0, area.y1), (area.x1, area.y1)),
                ((area.x0, area.y0), (area.x0, area.y1)),
                ((area.x1, area.y0), (area.x1, area.y1)),
            ] {
                self.rule(Rect::from_points(from, to));
            }
        }
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}

    fn push_clip_rect(&mut self, _: &Rect) {}

    fn pop_clip(&mut self) {}

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}

    fn pop_transparency_group(&mut self) {}

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let points = Rect::new(
            0.0,
            0.0,
            f64::from(image.width()),
            f64::from(image.height()),
        );
        let area = props.transform.transform_rect_bbox(points);
        let (width, height) = self.printed.size;
        let page = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let share = area.intersect(page).area() / page.area();
        self.printed.pictured = self.printed.pictured.max(share as f32);
    }
}

/// The letters that a glyph stands for: ligatures and forms of presentation resolved.
enum Text {
    One(char),
    More(String),
}

fn readable(text: BfString) -> Option<Text> {
    match text {
        BfString::Char(char) => match char {
            // A soft hyphen says that a word goes on in the next line.
            ' '..='~' | '\u{ad}' => Some(Text::One(char)),
            // Bullets of symbol fonts.
            '\u{f0b7}' | '\u{f0a7}' | '\u{f076}' | '\u{f0d8}' => Some(Text::One('•')),
            '\u{a0}' | '\t' | '\u{2000}'..='\u{200a}' | '\u{3000}' => Some(Text::One(' ')),
            '\u{fb00}'..='\u{fdff}' | '\u{fe30}'..='\u{feff}' | '\u{2f00}'..='\u{2fdf}' => {
                let text: String = std::iter::once(char).nfkc().collect();
                readable(BfString::String(text))
            }
            char if is_shown(char) => Some(Text::One(char)),
            _ => None,
        },
        BfString::String(text) => {
            let text: String = text
                .chars()
                .flat_map(|char| match char {
                    '\u{fb00}'..='\u{fdff}' | '\u{fe30}'..='\u{feff}' => {
                        std::iter::once(char).nfkc().collect::<Vec<_>>()
                    }
                    '\u{a0}' | '\t' => vec![' '],
                    _ => vec![char],
                })
                .filter(|char| is_shown(*char))
                .take(16)
                .collect();
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (None, _) => None,
                (Some(char), None) => Some(Text::One(char)),
                (Some(_), Some(_)) => Some(Text::More(text)),
            }
        }
    }
}

fn is_shown(char: char) -> bool {
    !(char.is_control()
        || is_invisible(char)
        || char == '\u{fffd}'
        || matches!(char, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}'))
}

/// A glyph of several letters is cut into as many.
fn push(letters: &mut Vec<Letter>, letter: Letter, text: &Text) {
    let more = match text {
        Text::One(char) => {
            letters.push(Letter {
                char: *char,
                ..letter
            });
            return;
        }
        Text::More(text) => text,
    };
    let count = more.chars().count();
    let step = (letter.right - letter.left) / count as f32;
    let from_right = more.chars().any(super::bidi::is_rtl);
    for (index, char) in more.chars().enumerate() {
        let place = if from_right { count - 1 - index } else { index };
        let left = letter.left + step * place as f32;
        letters.push(Letter {
            char,
            left,
            right: left + step,
            ..letter
        });
    }
}
