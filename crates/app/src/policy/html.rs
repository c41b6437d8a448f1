//! The policy's Markdown as a page: headings, paragraphs, lists, tables, emphasis, code and links to where they may lead.

/// A whole page.
pub(super) fn page(markdown: &str) -> String {
    let title = markdown.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or("Privacy");
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>body{{max-width:46rem;margin:2rem auto;padding:0 1rem;\
         font:1rem/1.5 system-ui,sans-serif}}table{{border-collapse:collapse}}td,th{{border:1px solid #999;padding:.2rem .6rem;\
         text-align:left}}</style></head><body>\n{}</body></html>\n",
        escape(title),
        blocks(markdown)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn blocks(markdown: &str) -> String {
    markdown.split("\n\n").map(str::trim).filter(|block| !block.is_empty()).map(block).collect()
}

fn block(block: &str) -> String {
    if let Some(text) = block.strip_prefix("# ") {
        format!("<h1>{}</h1>\n", spans(text))
    } else if let Some(text) = block.strip_prefix("## ") {
        format!("<h2>{}</h2>\n", spans(text))
    } else if block.starts_with("- ") {
        let joined = block.replace("\n  ", " ");
        let items: Vec<_> =
            joined.lines().map(|line| spans(line.strip_prefix("- ").unwrap_or(line))).collect();
        format!("<ul><li>{}</li></ul>\n", items.join("</li><li>"))
    } else if block.starts_with('|') {
        table(block)
    } else {
        format!("<p>{}</p>\n", spans(&block.replace('\n', " ")))
    }
}

fn table(block: &str) -> String {
    let row = |mark: &str, line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(|cell| spans(cell.trim())).collect();
        format!("<tr><{mark}>{}</{mark}></tr>", cells.join(&format!("</{mark}><{mark}>")))
    };
    let head = block.lines().take(1).map(|line| row("th", line));
    // The second line only draws.
    let rows: Vec<_> = head.chain(block.lines().skip(2).map(|line| row("td", line))).collect();
    format!("<table>{}</table>\n", rows.concat())
}

/// Text with its marks. What is not a mark is escaped; a link leads to this site or to a page by HTTPS.
fn spans(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['*', '`', '[']) {
        out += &escape(&rest[..at]);
        rest = &rest[at..];
        let (done, left) = mark(rest).unwrap_or_else(|| (escape(&rest[..1]), &rest[1..]));
        out += &done;
        rest = left;
    }
    out + &escape(rest)
}

fn mark(text: &str) -> Option<(String, &str)> {
    if let Some(inner) = text.strip_prefix("**") {
        let (inner, left) = inner.split_once("**")?;
        return Some((format!("<strong>{}</strong>", escape(inner)), left));
    }
    if let Some(inner) = text.strip_prefix('`') {
        let (inner, left) = inner.split_once('`')?;
        return Some((format!("<code>{}</code>", escape(inner)), left));
    }
    let (words, left) = text.strip_prefix('[')?.split_once("](")?;
    let (target, left) = left.split_once(')')?;
    let is_good = target.starts_with("https://") || (target.starts_with('/') && !target.starts_with("//"));
    is_good.then(|| (format!("<a href=\"{}\">{}</a>", escape(target), escape(words)), left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_elements_and_everything_else_is_escaped() {
        let page = page(
            "# A & B\n\nOne **two** `<three>`\nfour *five\n\n- a\n  b\n- c\n\n| x | y |\n|---|---|\n| 1 | 2 |",
        );
        for part in [
            "<title>A &amp; B</title>",
            "<h1>A &amp; B</h1>",
            "<p>One <strong>two</strong> <code>&lt;three&gt;</code> four *five</p>",
            "<ul><li>a b</li><li>c</li></ul>",
            "<table><tr><th>x</th><th>y</th></tr><tr><td>1</td><td>2</td></tr></table>",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }

    #[test]
    fn a_link_leads_nowhere_else() {
        assert_eq!(spans("[a](/privacy)"), "<a href=\"/privacy\">a</a>");
        for bad in ["[a](javascript:alert(1))", "[a](//elsewhere)", "[a](http://plain)", "[a]"] {
            assert!(!spans(bad).contains("href"), "{bad}");
        }
        assert_eq!(spans("<script>"), "&lt;script&gt;");
    }
}
