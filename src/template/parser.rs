//! Builds trees from tokens.
//!
//! The order of look-ahead follows Go's parser, since the line of its errors is the line of the last token it read.

mod operands;
mod pipelines;
mod tokens;

use std::collections::HashMap;
use std::rc::Rc;

use super::error::ParseError;
use super::lexer::{Keyword, Lexer, LexerOptions, Token, TokenKind};
use super::quote::{quote, unquote};
use super::set::FunctionTable;
use super::stack;
use super::text::Text;
use super::tree::{Branch, BranchKind, Node, NodeId, NodeKind, Symbol, Tree};

type Outcome<T> = Result<T, Box<ParseError>>;

/// All templates of one text: the text itself last, its definitions before it.
pub(super) fn parse(name: &Rc<str>, source: &Text, functions: &FunctionTable) -> Outcome<Parsed> {
    let options = LexerOptions {
        is_break_keyword: functions.get("break").is_none(),
        is_continue_keyword: functions.get("continue").is_none(),
    };
    let mut parser = Parser {
        file: Rc::clone(name),
        source: source.clone(),
        functions,
        lexer: Lexer::new(source.as_bytes(), options),
        tokens: [const { None }; 3],
        peeked: 0,
        consumed_end: 0,
        symbols: vec![Rc::from("$")],
        definitions: HashMap::new(),
        body: Body::new(),
    };
    let root = parser.file()?;
    let tree = parser.finish(Rc::clone(name), root);
    let main = parser.define(tree)?;
    Ok(Parsed { main, definitions: parser.definitions })
}

/// What a text gives.
pub(super) struct Parsed {
    /// The text outside of definitions.
    pub(super) main: Rc<Tree>,
    /// Every template by name, the text's own included.
    pub(super) definitions: HashMap<Rc<str>, Rc<Tree>>,
}

struct Parser<'a> {
    file: Rc<str>,
    source: Text,
    functions: &'a FunctionTable,
    lexer: Lexer<'a>,
    /// Three tokens of look-ahead; the last one read is the first.
    tokens: [Option<Token>; 3],
    peeked: usize,
    /// Behind the last token that was taken.
    consumed_end: u32,
    symbols: Vec<Rc<str>>,
    definitions: HashMap<Rc<str>, Rc<Tree>>,
    body: Body,
}

/// What belongs to one template of the text.
struct Body {
    nodes: Vec<Node>,
    variables: Vec<Symbol>,
    action_line: usize,
    range_depth: usize,
    expression_depth: usize,
}

/// What ends a list of nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    End,
    Else,
}

impl Ending {
    const fn text(self) -> &'static str {
        match self {
            Self::End => "{{end}}",
            Self::Else => "{{else}}",
        }
    }
}

/// A node, or what ends the list that it would be in.
enum Item {
    Node(NodeId),
    Ending(Ending),
}

impl Body {
    fn new() -> Self {
        Self { nodes: Vec::new(), variables: vec![Symbol(0)], action_line: 0, range_depth: 0, expression_depth: 0 }
    }
}

impl Parser<'_> {
    fn add(&mut self, position: usize, start: usize, kind: NodeKind) -> NodeId {
        let id = NodeId(self.body.nodes.len() as u32);
        self.body.nodes.push(Node { position: position as u32, start: start as u32, end: self.consumed_end, kind });
        id
    }

    fn kind_of(&self, id: NodeId) -> &NodeKind {
        &self.body.nodes[id.0 as usize].kind
    }

    /// Turns what was read for one template into its tree.
    fn finish(&mut self, name: Rc<str>, root: NodeId) -> Tree {
        let nodes = std::mem::take(&mut self.body.nodes);
        let is_empty = is_empty(&nodes, self.source.as_bytes(), root);
        Tree { name, file: Rc::clone(&self.file), source: self.source.clone(), nodes, root, is_empty }
    }

    /// Within one text a template may be defined twice only if one of the two is empty.
    fn define(&mut self, tree: Tree) -> Outcome<Rc<Tree>> {
        let tree = Rc::new(tree);
        let is_free = self.definitions.get(&tree.name).is_none_or(|old| old.is_empty);
        if is_free {
            self.definitions.insert(Rc::clone(&tree.name), Rc::clone(&tree));
        } else if !tree.is_empty {
            return self.error(format!("template: multiple definition of template {}", quote(tree.name.as_bytes())));
        }
        Ok(tree)
    }

    /// The top level, where templates may be defined.
    fn file(&mut self) -> Outcome<NodeId> {
        let start = self.peek().start;
        let mut nodes = Vec::new();
        loop {
            let first = self.peek();
            if first.kind == TokenKind::End {
                break;
            }
            if first.kind == TokenKind::LeftDelimiter {
                let delimiter = self.next();
                if self.next_visible().kind == TokenKind::Keyword(Keyword::Define) {
                    self.definition()?;
                    continue;
                }
                self.backup_to(delimiter);
            }
            match self.text_or_action()? {
                Item::Node(node) => nodes.push(node),
                Item::Ending(ending) => return self.error(format!("unexpected {}", ending.text())),
            }
        }
        Ok(self.add(start, start, NodeKind::List(nodes)))
    }

    fn definition(&mut self) -> Outcome<()> {
        const CONTEXT: &str = "define clause";
        let outer = std::mem::replace(&mut self.body, Body::new());
        let token = self.next_visible();
        let name = self.template_name(&token, CONTEXT)?;
        self.expect(TokenKind::RightDelimiter, CONTEXT)?;
        self.template_body(name, CONTEXT)?;
        self.body = outer;
        Ok(())
    }

    /// Up to its end, as a template of its own.
    fn template_body(&mut self, name: Rc<str>, context: &str) -> Outcome<()> {
        let (root, ending) = self.list()?;
        self.expect_end(ending, context)?;
        self.define_body(name, root)
    }

    fn expect_end(&self, ending: Ending, context: &str) -> Outcome<()> {
        if ending == Ending::End {
            return Ok(());
        }
        self.error(format!("unexpected {} in {context}", ending.text()))
    }

    fn define_body(&mut self, name: Rc<str>, root: NodeId) -> Outcome<()> {
        let tree = self.finish(name, root);
        self.define(tree)?;
        Ok(())
    }

    fn list(&mut self) -> Outcome<(NodeId, Ending)> {
        let start = self.peek_visible().start;
        let mut nodes = Vec::new();
        while self.peek_visible().kind != TokenKind::End {
            match self.text_or_action()? {
                Item::Node(node) => nodes.push(node),
                Item::Ending(ending) => return Ok((self.add(start, start, NodeKind::List(nodes)), ending)),
            }
        }
        self.error("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Outcome<Item> {
        let token = self.next_visible();
        match token.kind {
            TokenKind::Text => {
                let range = token.start as u32..token.end as u32;
                Ok(Item::Node(self.add(token.start, token.start, NodeKind::Text(range))))
            }
            TokenKind::LeftDelimiter => {
                self.body.action_line = token.line;
                let item = stack::grow(|| self.action(token.start))?;
                self.body.action_line = 0;
                Ok(item)
            }
            _ => self.unexpected(&token, "input"),
        }
    }

    /// What follows a left delimiter, which stands at `start`.
    fn action(&mut self, start: usize) -> Outcome<Item> {
        let token = self.next_visible();
        let TokenKind::Keyword(keyword) = token.kind else { return self.plain_action(start) };
        let node = match keyword {
            Keyword::Block => self.block(start)?,
            Keyword::Break => self.leave_range(start, token.start, "{{break}}", NodeKind::Break)?,
            Keyword::Continue => self.leave_range(start, token.start, "{{continue}}", NodeKind::Continue)?,
            Keyword::Else => return self.otherwise(),
            Keyword::End => {
                self.expect(TokenKind::RightDelimiter, "end")?;
                return Ok(Item::Ending(Ending::End));
            }
            Keyword::If => self.control(BranchKind::If, start)?,
            Keyword::Range => self.control(BranchKind::Range, start)?,
            Keyword::With => self.control(BranchKind::With, start)?,
            Keyword::Template => self.template_call(start)?,
            Keyword::Define | Keyword::Dot | Keyword::Nil => return self.plain_action(start),
        };
        Ok(Item::Node(node))
    }

    fn plain_action(&mut self, start: usize) -> Outcome<Item> {
        self.backup();
        let position = self.peek().start;
        let pipeline = self.pipeline("command", TokenKind::RightDelimiter)?;
        Ok(Item::Node(self.add(position, start, NodeKind::Action(pipeline))))
    }

    fn leave_range(&mut self, start: usize, position: usize, name: &str, kind: NodeKind) -> Outcome<NodeId> {
        let token = self.next_visible();
        if token.kind != TokenKind::RightDelimiter {
            return self.unexpected(&token, name);
        }
        if self.body.range_depth == 0 {
            return self.error(format!("{name} outside {{{{range}}}}"));
        }
        Ok(self.add(position, start, kind))
    }

    fn otherwise(&mut self) -> Outcome<Item> {
        let is_chained = matches!(self.peek_visible().kind, TokenKind::Keyword(Keyword::If | Keyword::With));
        if !is_chained {
            self.expect(TokenKind::RightDelimiter, "else")?;
        }
        Ok(Item::Ending(Ending::Else))
    }

    fn control(&mut self, kind: BranchKind, start: usize) -> Outcome<NodeId> {
        let (context, keyword) = match kind {
            BranchKind::If => ("if", Some(Keyword::If)),
            BranchKind::Range => ("range", None),
            BranchKind::With => ("with", Some(Keyword::With)),
        };
        let visible = self.body.variables.len();
        let pipeline = self.pipeline(context, TokenKind::RightDelimiter)?;
        let depth = usize::from(kind == BranchKind::Range);
        self.body.range_depth += depth;
        let (body, ending) = self.list()?;
        self.body.range_depth -= depth;
        let otherwise = match ending {
            Ending::End => None,
            Ending::Else => {
                let token = self.peek();
                let is_chained = keyword.is_some_and(|keyword| token.kind == TokenKind::Keyword(keyword));
                Some(if is_chained { self.chained(kind, token)? } else { self.else_list()? })
            }
        };
        self.body.variables.truncate(visible);
        let position = self.body.nodes[pipeline.0 as usize].position as usize;
        Ok(self.add(position, start, NodeKind::Branch(Branch { kind, pipeline, body, otherwise })))
    }

    /// `else if` and `else with`: the branch is alone in the list, and takes the `end`.
    fn chained(&mut self, kind: BranchKind, token: Token) -> Outcome<NodeId> {
        self.next();
        let node = stack::grow(|| self.control(kind, token.start))?;
        Ok(self.add(token.start, token.start, NodeKind::List(vec![node])))
    }

    fn else_list(&mut self) -> Outcome<NodeId> {
        let (list, ending) = self.list()?;
        if ending == Ending::End { Ok(list) } else { self.error(format!("expected end; found {}", ending.text())) }
    }

    fn block(&mut self, start: usize) -> Outcome<NodeId> {
        const CONTEXT: &str = "block clause";
        let token = self.next_visible();
        let name = self.template_name(&token, CONTEXT)?;
        let pipeline = self.pipeline(CONTEXT, TokenKind::RightDelimiter)?;
        let outer = std::mem::replace(&mut self.body, Body::new());
        let last = self.tokens[0].clone();
        let (root, ending) = self.list()?;
        if ending != Ending::End {
            // Go's outer parser complains, which has not read the block's tokens.
            self.tokens[0] = last;
            return self.expect_end(ending, CONTEXT).map(|()| root);
        }
        self.define_body(Rc::clone(&name), root)?;
        self.tokens[0] = last;
        self.body = outer;
        Ok(self.add(token.start, start, NodeKind::Template { name, pipeline: Some(pipeline) }))
    }

    fn template_call(&mut self, start: usize) -> Outcome<NodeId> {
        const CONTEXT: &str = "template clause";
        let token = self.next_visible();
        let name = self.template_name(&token, CONTEXT)?;
        let mut pipeline = None;
        if self.next_visible().kind != TokenKind::RightDelimiter {
            self.backup();
            pipeline = Some(self.pipeline(CONTEXT, TokenKind::RightDelimiter)?);
        }
        Ok(self.add(token.start, start, NodeKind::Template { name, pipeline }))
    }

    fn template_name(&mut self, token: &Token, context: &str) -> Outcome<Rc<str>> {
        if !matches!(token.kind, TokenKind::String | TokenKind::RawString) {
            return self.unexpected(token, context);
        }
        let name = self.unquoted(token)?;
        Ok(Rc::from(String::from_utf8_lossy(&name)))
    }

    fn unquoted(&self, token: &Token) -> Outcome<Vec<u8>> {
        match unquote(&self.source.as_bytes()[token.start..token.end]) {
            Some(text) => Ok(text),
            None => self.error("invalid syntax"),
        }
    }
}

/// Whether there is nothing but white space. Only the top counts: an action that prints nothing is something.
fn is_empty(nodes: &[Node], source: &[u8], root: NodeId) -> bool {
    let NodeKind::List(children) = &nodes[root.0 as usize].kind else { return false };
    children.iter().all(|child| match &nodes[child.0 as usize].kind {
        NodeKind::Text(range) => is_blank(&source[range.start as usize..range.end as usize]),
        _ => false,
    })
}

/// As `bytes.TrimSpace` leaves nothing.
fn is_blank(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).chars().all(char::is_whitespace)
}
