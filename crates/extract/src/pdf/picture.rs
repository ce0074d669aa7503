//! The largest picture of a page: on a scan, the page.

use hayro_interpret::font::GlyphRun;
use hayro_interpret::kurbo::{Affine, BezPath, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps,
    InterpreterCache, InterpreterSettings, SoftMask, interpret_page,
};
use hayro_syntax::Pdf;
use hayro_syntax::page::Page;

use super::glyphs::Runner;
use crate::ocr::PageImage;

/// Pictures with more points are not decoded: a page of A3 at 600 dpi has 70 million.
const MOST_POINTS: u64 = 100_000_000;
/// Smaller pictures are no pages (points).
const FEW_POINTS: u64 = 10_000;

/// The largest picture of a page, upright.
pub(super) fn of<'a>(pdf: &'a Pdf, page: &Page<'a>) -> Option<PageImage> {
    let (width, height) = page.render_dimensions();
    let cache = InterpreterCache::new();
    let mut context = Context::new(
        Runner::upright(page),
        Rect::new(0.0, 0.0, f64::from(width), f64::from(height)),
        &cache,
        pdf.xref(),
        InterpreterSettings::default(),
    );
    let mut largest = Largest {
        points: FEW_POINTS,
        picture: None,
    };
    interpret_page(page, &mut context, &mut largest);
    largest.picture
}

struct Largest {
    points: u64,
    picture: Option<PageImage>,
}

impl<'a> Device<'a> for Largest {
    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let points = u64::from(image.width()) * u64::from(image.height());
        if points <= self.points || points > MOST_POINTS {
            return;
        }
        let mut picture = None;
        match image {
            Image::Stencil(stencil) => stencil.with_stencil(
                |mask, _| {
                    // Where paint goes is black, as it mostly is.
                    picture = Some(PageImage {
                        width: mask.width,
                        height: mask.height,
                        rgb: false,
                        samples: mask.data.into_iter().map(|sample| 255 - sample).collect(),
                    });
                },
                None,
            ),
            Image::Raster(raster) => raster.with_rgba(
                |data, _| {
                    picture = Some(match data {
                        ImageData::Rgb(data) => PageImage {
                            width: data.width,
                            height: data.height,
                            rgb: true,
                            samples: data.data,
                        },
                        ImageData::Luma(data) => PageImage {
                            width: data.width,
                            height: data.height,
                            rgb: false,
                            samples: data.data,
                        },
                    });
                },
                None,
            ),
        }
        if let Some(picture) = picture {
            self.points = points;
            self.picture = Some(turned(picture, quarter_turns(props.transform)));
        }
    }

    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}

    fn draw_rect(&mut self, _: &Rect, _: DrawProps<'a>, _: &DrawMode) {}

    fn push_clip_path(&mut self, _: &ClipPath) {}

    fn push_clip_rect(&mut self, _: &Rect) {}

    fn pop_clip(&mut self) {}

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}

    fn pop_transparency_group(&mut self) {}
}

/// How often a picture is turned clockwise when it is drawn: where its rows run to.
fn quarter_turns(drawn: Affine) -> u8 {
    let [x, y, ..] = drawn.as_coeffs();
    match (x.abs() >= y.abs(), x >= 0.0, y >= 0.0) {
        (true, true, _) => 0,
        (false, _, true) => 1,
        (true, false, _) => 2,
        (false, _, false) => 3,
    }
}

/// Turned clockwise.
fn turned(picture: PageImage, quarters: u8) -> PageImage {
    if quarters == 0 {
        return picture;
    }
    let bytes = if picture.rgb { 3 } else { 1 };
    let (width, height) = (picture.width as usize, picture.height as usize);
    let (to_width, to_height) = if quarters == 2 {
        (width, height)
    } else {
        (height, width)
    };
    let mut samples = Vec::with_capacity(picture.samples.len());
    for y in 0..to_height {
        for x in 0..to_width {
            let (from_x, from_y) = match quarters {
                1 => (y, height - 1 - x),
                2 => (width - 1 - x, height - 1 - y),
                _ => (width - 1 - y, x),
            };
            let at = (from_y * width + from_x) * bytes;
            match picture.samples.get(at..at + bytes) {
                Some(point) => samples.extend_from_slice(point),
                None => samples.resize(samples.len() + bytes, 255),
            }
        }
    }
    PageImage {
        width: to_width as u32,
        height: to_height as u32,
        rgb: picture.rgb,
        samples,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_turned() {
        let picture = PageImage {
            width: 3,
            height: 2,
            rgb: false,
            samples: vec![1, 2, 3, 4, 5, 6],
        };
        for (quarters, size, expected) in [
            (0, (3, 2), [1, 2, 3, 4, 5, 6]),
            (1, (2, 3), [4, 1, 5, 2, 6, 3]),
            (2, (3, 2), [6, 5, 4, 3, 2, 1]),
            (3, (2, 3), [3, 6, 2, 5, 1, 4]),
        ] {
            let found = turned(picture.clone(), quarters);
            assert_eq!((found.width, found.height), size);
            assert_eq!(found.samples, expected);
        }
    }
}
