//! Tables, for terminals and for Markdown.

use kustom::diff::render::escaped_markdown;
use kustom::text::visible_line;

/// The widest column: a longer cell moves those behind it, and no others.
const WIDEST: usize = 200;

/// A table of texts, of which strangers may have written some: each cell stays in its place.
#[derive(Debug)]
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Returns a table without rows.
    pub(crate) fn new<'a>(head: impl IntoIterator<Item = &'a str>) -> Table {
        Table { head: head.into_iter().map(str::to_owned).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Returns the table with aligned columns.
    pub(crate) fn text(&self) -> String {
        let shown = |cell: &String| visible_line(cell).replace('\t', " ");
        let head: Vec<String> = self.head.iter().map(|name| name.to_uppercase()).collect();
        let all = || std::iter::once(&head).chain(&self.rows);
        let width = |column: usize| {
            let cells = all().filter_map(|row| row.get(column));
            let width = cells.map(|cell| shown(cell).chars().count()).max();
            width.unwrap_or_default().min(WIDEST)
        };
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        let mut out = String::new();
        for row in all() {
            let start = out.len();
            for (cell, width) in row.iter().zip(&widths) {
                let cell = shown(cell);
                out.push_str(&cell);
                let missing = width.saturating_sub(cell.chars().count());
                out.extend(std::iter::repeat_n(' ', missing + 2));
            }
            out.truncate(start + out[start..].trim_end().len());
            out.push('\n');
        }
        out
    }

    /// Returns the table in Markdown.
    pub(crate) fn markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| escaped_markdown(cell)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule: Vec<String> = self.head.iter().map(|_| "---".to_owned()).collect();
        let mut out = line(&self.head) + &line(&rule);
        self.rows.iter().for_each(|row| out += &line(row));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_cell_widens_no_other_row() {
        let mut table = Table::new(["app", "image"]);
        table.row(["a".repeat(10_000), "x".to_owned()]);
        table.row(["b".to_owned(), "y".to_owned()]);
        let text = table.text();
        let lengths: Vec<usize> = text.lines().map(str::len).collect();
        assert_eq!(lengths, [WIDEST + 7, 10_003, WIDEST + 3]);
    }

    #[test]
    fn what_strangers_wrote_stays_in_its_cell() {
        let mut table = Table::new(["app", "image"]);
        table.row(["a\n::error::b".to_owned(), "x | <b>@c\\| y".to_owned()]);
        assert_eq!(table.text().lines().count(), 2);
        assert!(table.text().contains("\na\\n::error::b  x | <b>@c\\| y\n"), "{}", table.text());
        let markdown = table.markdown();
        assert_eq!(markdown.lines().count(), 3);
        let row = markdown.lines().last().unwrap();
        assert!(row.ends_with(r"| x \| &lt;b&gt;@<!-- -->c\\\| y |"), "{row}");
    }
}
