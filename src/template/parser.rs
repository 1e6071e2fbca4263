//! Builds trees from tokens.
//!
//! The order of look-ahead follows Go's parser, since the line of its errors is the line of the last token it read.

use std::collections::HashMap;
use std::rc::Rc;

use super::builtin::Builtin;
use super::error::ParseError;
use super::lexer::{Keyword, Lexer, LexerOptions, Token, TokenKind};
use super::number::{Number, parse_character, parse_complex, parse_number};
use super::quote::{quote, unquote};
use super::set::FunctionTable;
use super::stack;
use super::suggestion::suggest;
use super::text::Text;
use super::tree::{Branch, BranchKind, Callee, Node, NodeId, NodeKind, Symbol, Tree};

/// Go's limit for expressions in parentheses within each other.
const MAXIMUM_EXPRESSION_DEPTH: usize = 10_000;

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
    fn next(&mut self) -> Token {
        let token = if self.peeked > 0 {
            self.peeked -= 1;
            self.tokens[self.peeked].clone()
        } else {
            self.tokens[0] = Some(self.lexer.next_token());
            self.tokens[0].clone()
        };
        let token = token.unwrap_or_else(|| self.lexer.next_token());
        self.consumed_end = token.end as u32;
        token
    }

    fn backup(&mut self) {
        self.peeked += 1;
    }

    fn backup_to(&mut self, first: Token) {
        self.tokens[1] = Some(first);
        self.peeked = 2;
    }

    fn backup_to_both(&mut self, first: Token, second: Token) {
        self.tokens[1] = Some(second);
        self.tokens[2] = Some(first);
        self.peeked = 3;
    }

    fn peek(&mut self) -> Token {
        let end = self.consumed_end;
        let token = self.next();
        self.backup();
        self.consumed_end = end;
        token
    }

    fn next_visible(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != TokenKind::Space {
                return token;
            }
        }
    }

    fn peek_visible(&mut self) -> Token {
        let end = self.consumed_end;
        let token = self.next_visible();
        self.backup();
        self.consumed_end = end;
        token
    }

    fn text_of(&self, token: &Token) -> &str {
        std::str::from_utf8(&self.source.as_bytes()[token.start..token.end]).unwrap_or("\u{FFFD}")
    }

    fn error<T>(&self, message: impl Into<String>) -> Outcome<T> {
        let token = self.tokens[0].as_ref();
        Err(Box::new(ParseError {
            file: self.file.to_string(),
            line: token.map_or(0, |token| token.line),
            offset: token.map_or(0, |token| token.start.min(self.source.len())),
            message: message.into(),
            suggestions: Vec::new(),
        }))
    }

    fn unexpected<T>(&self, token: &Token, context: &str) -> Outcome<T> {
        if let Some(message) = &token.message {
            let mut extra = String::new();
            if self.body.action_line != 0 && self.body.action_line != token.line {
                let place = format!("started at {}:{}", self.file, self.body.action_line);
                extra = if message.ends_with(" action") { format!(" {place}") } else { format!(" in action {place}") };
            }
            return self.error(format!("{message}{extra}"));
        }
        self.error(format!("unexpected {} in {context}", self.describe(token)))
    }

    /// A token as errors show it.
    fn describe(&self, token: &Token) -> String {
        let bytes = &self.source.as_bytes()[token.start..token.end];
        match token.kind {
            TokenKind::End => "EOF".to_owned(),
            TokenKind::Keyword(_) => format!("<{}>", String::from_utf8_lossy(bytes)),
            _ if bytes.len() > 10 => format!("{}...", quote(super::print::truncate(bytes, 10))),
            _ => quote(bytes),
        }
    }

    fn expect(&mut self, kind: TokenKind, context: &str) -> Outcome<Token> {
        let token = self.next_visible();
        if token.kind == kind { Ok(token) } else { self.unexpected(&token, context) }
    }

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
        if ending != Ending::End {
            return self.error(format!("unexpected {} in {context}", ending.text()));
        }
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
        self.template_body(Rc::clone(&name), CONTEXT)?;
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

    fn pipeline(&mut self, context: &str, end: TokenKind) -> Outcome<NodeId> {
        let start = self.peek_visible().start;
        let mut variables = Vec::new();
        let is_assignment = self.declarations(context, &mut variables)?;
        let mut commands = Vec::new();
        loop {
            let token = self.next_visible();
            match token.kind {
                kind if kind == end => break,
                TokenKind::Bool
                | TokenKind::CharConstant
                | TokenKind::Complex
                | TokenKind::Keyword(Keyword::Dot | Keyword::Nil)
                | TokenKind::Field
                | TokenKind::Identifier
                | TokenKind::Number
                | TokenKind::RawString
                | TokenKind::String
                | TokenKind::Variable
                | TokenKind::LeftParenthesis => {
                    self.backup();
                    commands.push(self.command()?);
                }
                _ => return self.unexpected(&token, context),
            }
        }
        self.check_pipeline(&commands, context)?;
        Ok(self.add(start, start, NodeKind::Pipeline { is_assignment, variables, commands }))
    }

    /// `$x :=`, `$x =`, `$i, $x :=`. The answer: whether it is an assignment.
    fn declarations(&mut self, context: &str, variables: &mut Vec<NodeId>) -> Outcome<bool> {
        loop {
            let variable = self.peek_visible();
            if variable.kind != TokenKind::Variable {
                return Ok(false);
            }
            self.next();
            let after = self.peek();
            let next = self.peek_visible();
            match next.kind {
                TokenKind::Assign | TokenKind::Declare => {
                    self.next_visible();
                    self.declare(&variable, variables);
                    return Ok(next.kind == TokenKind::Assign);
                }
                TokenKind::Char if self.text_of(&next) == "," => {
                    self.next_visible();
                    self.declare(&variable, variables);
                    if context != "range" || variables.len() >= 2 {
                        return self.error(format!("too many declarations in {context}"));
                    }
                    match self.peek_visible().kind {
                        TokenKind::Variable | TokenKind::RightDelimiter | TokenKind::RightParenthesis => {}
                        _ => return self.error("range can only initialize variables"),
                    }
                }
                _ => {
                    if after.kind == TokenKind::Space {
                        self.backup_to_both(variable, after);
                    } else {
                        self.backup_to(variable);
                    }
                    return Ok(false);
                }
            }
        }
    }

    fn declare(&mut self, token: &Token, variables: &mut Vec<NodeId>) {
        let name = self.text_of(token).to_owned();
        let end = std::mem::replace(&mut self.consumed_end, token.end as u32);
        let node = self.variable(token.start, token.start, &name);
        self.consumed_end = end;
        if let NodeKind::Variable { symbol, .. } = *self.kind_of(node) {
            self.body.variables.push(symbol);
        }
        variables.push(node);
    }

    fn check_pipeline(&self, commands: &[NodeId], context: &str) -> Outcome<()> {
        if commands.is_empty() {
            return self.error(format!("missing value for {context}"));
        }
        for (index, command) in commands.iter().enumerate().skip(1) {
            let NodeKind::Command(arguments) = self.kind_of(*command) else { continue };
            if arguments.first().is_some_and(|first| self.is_constant(*first)) {
                return self.error(format!("non executable command in pipeline stage {}", index + 1));
            }
        }
        Ok(())
    }

    fn is_constant(&self, id: NodeId) -> bool {
        matches!(
            self.kind_of(id),
            NodeKind::Bool(_) | NodeKind::Dot | NodeKind::Nil | NodeKind::Number(_) | NodeKind::String { .. }
        )
    }

    fn command(&mut self) -> Outcome<NodeId> {
        let start = self.peek_visible().start;
        let mut arguments = Vec::new();
        let mut end = self.consumed_end;
        loop {
            self.peek_visible();
            if let Some(operand) = self.operand()? {
                arguments.push(operand);
                end = self.consumed_end;
            }
            let token = self.next();
            match token.kind {
                TokenKind::Space => continue,
                TokenKind::RightDelimiter | TokenKind::RightParenthesis => self.backup(),
                TokenKind::Pipe => {}
                _ => return self.unexpected(&token, "operand"),
            }
            break;
        }
        if arguments.is_empty() {
            return self.error("empty command");
        }
        self.consumed_end = end;
        Ok(self.add(start, start, NodeKind::Command(arguments)))
    }

    /// A term, perhaps with fields behind it.
    fn operand(&mut self) -> Outcome<Option<NodeId>> {
        let Some(node) = self.term()? else { return Ok(None) };
        let field = self.peek();
        if field.kind != TokenKind::Field {
            return Ok(Some(node));
        }
        let mut names: Vec<Rc<str>> = Vec::new();
        while self.peek().kind == TokenKind::Field {
            let token = self.next();
            names.push(Rc::from(&self.text_of(&token)[1..]));
        }
        if self.is_constant(node) {
            return self.error(format!("unexpected . after term {}", quote(self.print_constant(node).as_bytes())));
        }
        let (end, position) = (self.consumed_end, field.start as u32);
        let first = &mut self.body.nodes[node.0 as usize];
        match &mut first.kind {
            NodeKind::Field(fields) | NodeKind::Variable { fields, .. } => {
                fields.append(&mut names);
                first.position = position;
                first.end = end;
                Ok(Some(node))
            }
            _ => {
                let start = first.start as usize;
                Ok(Some(self.add(field.start, start, NodeKind::Chain { node, fields: names })))
            }
        }
    }

    fn print_constant(&self, id: NodeId) -> String {
        match self.kind_of(id) {
            NodeKind::Bool(value) => value.to_string(),
            NodeKind::Dot => ".".to_owned(),
            NodeKind::Number(number) => number.text.clone(),
            NodeKind::String { quoted, .. } => {
                let range = quoted.start as usize..quoted.end as usize;
                String::from_utf8_lossy(&self.source.as_bytes()[range]).into_owned()
            }
            _ => "nil".to_owned(),
        }
    }

    fn term(&mut self) -> Outcome<Option<NodeId>> {
        let token = self.next_visible();
        let kind = match token.kind {
            TokenKind::Identifier => self.identifier(&token)?,
            TokenKind::Keyword(Keyword::Dot) => NodeKind::Dot,
            TokenKind::Keyword(Keyword::Nil) => NodeKind::Nil,
            TokenKind::Variable => return self.used_variable(&token).map(Some),
            TokenKind::Field => NodeKind::Field(vec![Rc::from(&self.text_of(&token)[1..])]),
            TokenKind::Bool => NodeKind::Bool(self.text_of(&token) == "true"),
            TokenKind::CharConstant => self.number(&token, parse_character)?,
            TokenKind::Complex => self.number(&token, parse_complex)?,
            TokenKind::Number => self.number(&token, parse_number)?,
            TokenKind::String | TokenKind::RawString => NodeKind::String {
                quoted: token.start as u32..token.end as u32,
                text: Text::from(self.unquoted(&token)?),
            },
            TokenKind::LeftParenthesis => return self.parenthesized(&token).map(Some),
            _ => {
                self.backup();
                return Ok(None);
            }
        };
        Ok(Some(self.add(token.start, token.start, kind)))
    }

    fn parenthesized(&mut self, token: &Token) -> Outcome<NodeId> {
        if self.body.expression_depth >= MAXIMUM_EXPRESSION_DEPTH {
            return self.error("max expression depth exceeded");
        }
        self.body.expression_depth += 1;
        let pipeline = stack::grow(|| self.pipeline("parenthesized pipeline", TokenKind::RightParenthesis))?;
        self.body.expression_depth -= 1;
        self.body.nodes[pipeline.0 as usize].start = token.start as u32;
        Ok(pipeline)
    }

    fn identifier(&self, token: &Token) -> Outcome<NodeKind> {
        let name = self.text_of(token);
        let callee = match self.functions.get(name) {
            Some(function) => Callee::Function(Rc::clone(function)),
            None => match Builtin::named(name) {
                Some(builtin) => Callee::Builtin(builtin),
                None => return self.unknown_function(token, name),
            },
        };
        Ok(NodeKind::Identifier { name: Rc::from(name), callee })
    }

    fn unknown_function<T>(&self, token: &Token, name: &str) -> Outcome<T> {
        let own = Builtin::names().map(|known| -> &str { known });
        let suggestions = suggest(name, self.functions.names().chain(own));
        self.error(format!("function {} not defined", quote(name.as_bytes()))).map_err(|mut error: Box<ParseError>| {
            error.offset = token.start;
            error.suggestions = suggestions;
            error
        })
    }

    fn number(&self, token: &Token, parse: fn(&str) -> Result<Number, String>) -> Outcome<NodeKind> {
        match parse(self.text_of(token)) {
            Ok(number) => Ok(NodeKind::Number(Box::new(number))),
            Err(message) => self.error(message),
        }
    }

    fn used_variable(&mut self, token: &Token) -> Outcome<NodeId> {
        let name = self.text_of(token).to_owned();
        let node = self.variable(token.start, token.start, &name);
        if let NodeKind::Variable { symbol, .. } = self.kind_of(node)
            && self.body.variables.contains(symbol)
        {
            return Ok(node);
        }
        let suggestions = suggest(&name, self.body.variables.iter().map(|symbol| &*self.symbols[symbol.0 as usize]));
        self.error(format!("undefined variable {}", quote(name.as_bytes()))).map_err(|mut error: Box<ParseError>| {
            error.offset = token.start;
            error.suggestions = suggestions;
            error
        })
    }

    fn variable(&mut self, position: usize, start: usize, name: &str) -> NodeId {
        let known = self.symbols.iter().position(|symbol| &**symbol == name);
        let index = known.unwrap_or_else(|| {
            self.symbols.push(Rc::from(name));
            self.symbols.len() - 1
        });
        let name = Rc::clone(&self.symbols[index]);
        self.add(position, start, NodeKind::Variable { name, symbol: Symbol(index as u32), fields: Vec::new() })
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
