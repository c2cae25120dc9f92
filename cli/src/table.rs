//! Tables, for terminals and for Markdown.

use kustom::diff::render::escaped_markdown;
use kustom::text::visible_line;

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
        let shown = |cells: &Vec<String>| -> Vec<String> {
            cells.iter().map(|cell| visible_line(cell).replace('\t', " ")).collect()
        };
        let head: Vec<String> = shown(&self.head).iter().map(|name| name.to_uppercase()).collect();
        let rows: Vec<Vec<String>> = self.rows.iter().map(shown).collect();
        let all = || std::iter::once(&head).chain(&rows);
        let width = |column: usize| {
            let cells = all().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        let mut out = String::new();
        for row in all() {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
            }
            out.push_str(line.trim_end());
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
