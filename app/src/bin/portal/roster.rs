//! A roster from a CSV file (RFC 4180), as the server writes it: `user_id`, `role`, `label`, and what else
//! there is, which is not read.

use api::http::groups::GroupRole;

/// Larger files are no roster.
pub const MAX_BYTES: usize = 2 << 20;

/// What a line says of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub user_id: String,
    pub role: Option<GroupRole>,
    pub label: Option<String>,
}

/// The lines of a roster; `None` where the first line names no `user_id`.
pub fn read(text: &str) -> Option<Vec<Line>> {
    let mut rows = rows(text.trim_start_matches('\u{feff}')).into_iter();
    let head = rows.next()?;
    let column = |name: &str| head.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name));
    let (id, role, label) = (column("user_id")?, column("role"), column("label"));
    let lines = rows.filter(|row| row.get(id).is_some_and(|id| !id.trim().is_empty()));
    Some(
        lines
            .map(|row| Line {
                user_id: row[id].trim().to_owned(),
                role: role.and_then(|at| role_from(row.get(at)?.trim())),
                label: label.and_then(|at| row.get(at)).map(|label| unguarded(label.trim())),
            })
            .collect(),
    )
}

fn role_from(name: &str) -> Option<GroupRole> {
    match name {
        "member" => Some(GroupRole::Member),
        "instructor" => Some(GroupRole::Instructor),
        "owner" => Some(GroupRole::Owner),
        _ => None,
    }
}

/// Without the apostrophe that keeps a spreadsheet from taking the cell for a formula.
fn unguarded(label: &str) -> String {
    match label.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
        _ => label.to_owned(),
    }
}

/// Cells of the lines that are not empty. Separated by commas, or by semicolons where the first line has
/// no comma, as some spreadsheets write.
fn rows(text: &str) -> Vec<Vec<String>> {
    let first = text.lines().next().unwrap_or_default();
    let separator = if first.contains(',') { ',' } else { ';' };
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            '\n' | '\r' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c if c == separator && !quoted => row.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    row.push(cell);
    rows.push(row);
    rows.retain(|row: &Vec<String>| row.iter().any(|cell| !cell.trim().is_empty()));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, role: Option<GroupRole>, label: Option<&str>) -> Line {
        Line { user_id: id.into(), role, label: label.map(str::to_owned) }
    }

    #[test]
    fn what_the_server_writes_is_read() {
        let text = "user_id,role,label,name\r\n1,member,\"Ada, \"\"A\"\"\",\"Quark 1\"\r\n2,owner,\"'=x\",\"\"\r\n";
        let lines = [
            line("1", Some(GroupRole::Member), Some("Ada, \"A\"")),
            line("2", Some(GroupRole::Owner), Some("=x")),
        ];
        assert_eq!(read(text).unwrap(), lines);
    }

    #[test]
    fn columns_may_be_missing_or_in_another_order() {
        assert_eq!(
            read("\u{feff}Label;USER_ID\nAda;1\n\n").unwrap(),
            [line("1", None, Some("Ada"))]
        );
        assert_eq!(read("user_id\n1").unwrap(), [line("1", None, None)]);
        assert_eq!(read("user_id,role\n1,king").unwrap(), [line("1", None, None)]);
    }

    #[test]
    fn nonsense_is_no_roster() {
        for text in ["", "name\nAda", "\"", "\0", "a,b\n\"1"] {
            assert!(read(text).is_none(), "{text:?}");
        }
    }
}
