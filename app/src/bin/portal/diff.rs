//! What changed between two texts, line by line.
//!
//! The fewest lines taken out and put in (E. Myers, "An O(ND) difference algorithm and its variations",
//! Algorithmica 1, 1986), as long as there are at most [`MAX_CHANGES`] of them; beyond that the middle that
//! differs is told as replaced.

/// Lines taken out and put in, together.
const MAX_CHANGES: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Same,
    Out,
    In,
}

/// Lines of both texts in order.
pub fn lines<'a>(old: &'a str, new: &'a str) -> Vec<(Change, &'a str)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let start = std::iter::zip(&old, &new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end = std::iter::zip(old_rest.iter().rev(), new_rest.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (a, b) = (&old_rest[..old_rest.len() - end], &new_rest[..new_rest.len() - end]);

    let mut out: Vec<_> = old[..start].iter().map(|line| (Change::Same, *line)).collect();
    if let Some(middle) = script(a, b) {
        out.extend(middle);
    } else {
        out.extend(a.iter().map(|line| (Change::Out, *line)));
        out.extend(b.iter().map(|line| (Change::In, *line)));
    }
    out.extend(old[old.len() - end..].iter().map(|line| (Change::Same, *line)));
    out
}

/// The shortest way from `a` to `b`; `None` beyond [`MAX_CHANGES`].
///
/// `reach[k]` is how far along `a` one gets on the diagonal `k = x − y` with `d` changes.
fn script<'a>(a: &[&'a str], b: &[&'a str]) -> Option<Vec<(Change, &'a str)>> {
    let most = (a.len() + b.len()).min(MAX_CHANGES);
    let offset = most + 1;
    let mut reach = vec![0_usize; 2 * offset + 1];
    let mut history = Vec::new();
    for d in 0..=most {
        history.push(reach.clone());
        // Diagonals −d, −d+2, … d, shifted by `offset`.
        for k in (offset - d..=offset + d).step_by(2) {
            let down = k == offset - d || (k != offset + d && reach[k - 1] < reach[k + 1]);
            let mut x = if down { reach[k + 1] } else { reach[k - 1] + 1 };
            let Some(mut y) = (x + offset).checked_sub(k) else { continue };
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            reach[k] = x;
            if x == a.len() && y == b.len() {
                return Some(walk_back(a, b, &history, offset));
            }
        }
    }
    None
}

fn walk_back<'a>(
    a: &[&'a str],
    b: &[&'a str],
    history: &[Vec<usize>],
    offset: usize,
) -> Vec<(Change, &'a str)> {
    let (mut x, mut y) = (a.len(), b.len());
    let mut out = Vec::new();
    for (d, reach) in history.iter().enumerate().rev() {
        let k = x + offset - y;
        let down = k == offset - d || (k != offset + d && reach[k - 1] < reach[k + 1]);
        let (x0, y0) = if d == 0 {
            (0, 0)
        } else if down {
            (reach[k + 1], reach[k + 1] + offset - (k + 1))
        } else {
            (reach[k - 1], reach[k - 1] + offset - (k - 1))
        };
        while x > x0 && y > y0 {
            (x, y) = (x - 1, y - 1);
            out.push((Change::Same, a[x]));
        }
        if d > 0 {
            if down {
                y -= 1;
                out.push((Change::In, b[y]));
            } else {
                x -= 1;
                out.push((Change::Out, a[x]));
            }
        }
    }
    out.reverse();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(old: &str, new: &str) -> String {
        let mut out = String::new();
        for (change, line) in lines(old, new) {
            out.push(match change {
                Change::Same => ' ',
                Change::Out => '-',
                Change::In => '+',
            });
            out.push_str(line);
            out.push(' ');
        }
        out
    }

    #[test]
    fn the_fewest_lines_change() {
        for (old, new, expected) in [
            ("", "", ""),
            ("a\nb", "a\nb", " a  b "),
            ("", "a", "+a "),
            ("a", "", "-a "),
            ("a\nb\nc", "a\nc", " a -b  c "),
            ("a\nc", "a\nb\nc", " a +b  c "),
            ("a\nb\nc", "a\nx\nc", " a -b +x  c "),
            ("a\nb\nc\na\nb\nb\na", "c\nb\na\nb\na\nc", "-a -b  c +b  a  b -b  a +c "),
        ] {
            assert_eq!(written(old, new), expected, "{old:?} to {new:?}");
        }
    }

    /// Whatever the texts: taking the lines of one side gives that side.
    #[test]
    fn both_texts_are_in_it() {
        let mut seed = 7_u32;
        let mut next = |n: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % n
        };
        for _ in 0..300 {
            let mut text =
                || (0..next(12)).map(|_| ["a\n", "b\n", "c\n"][next(3) as usize]).collect();
            let (old, new): (String, String) = (text(), text());
            let found = lines(&old, &new);
            let side = |other| {
                let lines = found.iter().filter(|(change, _)| *change != other);
                lines.flat_map(|(_, line)| [*line, "\n"]).collect::<String>()
            };
            assert_eq!((side(Change::In), side(Change::Out)), (old, new));
        }
    }

    #[test]
    fn what_has_nothing_in_common_is_replaced_as_a_whole() {
        let text = |sign: &str| {
            let lines: Vec<String> = (0..3000).map(|i| format!("{sign}{i}")).collect();
            lines.join("\n")
        };
        let (old, new) = (text("a"), text("b"));
        let found = lines(&old, &new);
        assert_eq!(found.len(), 6000);
        assert!(found[..3000].iter().all(|(change, _)| *change == Change::Out));
    }
}
