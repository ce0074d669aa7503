//! PDFs of our own making, as plain as can be.

/// A PDF with these pages; lines of a page stand below one another. A page without lines is empty.
pub(crate) fn pdf(title: &str, pages: &[Vec<String>]) -> Vec<u8> {
    let count = pages.len();
    // Objects 1 to 4 are the catalogue, the pages, the font and the title; then two a page.
    let kids: Vec<String> = (0..count)
        .map(|page| format!("{} 0 R", 5 + 2 * page))
        .collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!(
            "<< /Type /Pages /Count {count} /Kids [{}] >>",
            kids.join(" ")
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_owned(),
        format!("<< /Title ({title}) >>"),
    ];
    for (page, lines) in pages.iter().enumerate() {
        let mut shown = String::new();
        for (line, text) in lines.iter().enumerate() {
            let height = 720 - 14 * line;
            shown.push_str(&format!("1 0 0 1 72 {height} Tm ({text}) Tj\n"));
        }
        let content = format!("BT /F1 11 Tf\n{shown}ET");
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R >> >> >>",
            6 + 2 * page
        ));
        objects.push(format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ));
    }
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(file.len());
        file.extend(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").as_bytes());
    }
    file.extend(
        format!(
            "trailer\n<< /Size {} /Root 1 0 R /Info 4 0 R >>\nstartxref\n{table}\n%%EOF\n",
            objects.len() + 1
        )
        .as_bytes(),
    );
    file
}

/// A book: each page speaks of its own number, and page 70 of the lighthouse.
pub(crate) fn book(pages: u32) -> Vec<u8> {
    let pages: Vec<Vec<String>> = (1..=pages)
        .map(|page| {
            let mut lines: Vec<String> = (0..20)
                .map(|line| {
                    format!("Line {line} of chapter {page} tells of the ferries and the salt road,")
                })
                .collect();
            if page == 70 {
                lines.push("and the old lighthouse keeper rowed home in the fog.".to_owned());
            }
            lines
        })
        .collect();
    pdf("The Salt Road", &pages)
}
