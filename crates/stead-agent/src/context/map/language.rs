//! Languages that are outlined: their grammars, and which nodes of these define something.
//!
//! The grammars come with queries for this (`tags.scm`), which tests hold this table
//! against. To make such a query ready takes 20 to 35 ms and 10 MB for the larger grammars,
//! longer than the rest of a small map, and it sees less.

use std::sync::OnceLock;

use tree_sitter::Node;

/// A language.
pub(super) struct Language {
    /// Ends of the names of files in it, without the dot.
    extensions: &'static [&'static str],
    pub(super) grammar: fn() -> tree_sitter::Language,
    nodes: &'static [Defines],
    /// Whether other files cannot use a definition.
    pub(super) is_hidden: IsHidden,
    by_id: OnceLock<Vec<Role>>,
}

/// By a definition's name, its signature, and whether it lies in a type.
type IsHidden = fn(name: &str, signature: &str, of_type: bool) -> bool;

/// A kind of node that defines something.
struct Defines(&'static str, Kind, Named);

/// What a node is.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Nothing,
    /// It is a name.
    Name,
    Defines(Kind, Named),
}

/// What a definition is, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It holds others and is shown only with them: a module, a block of methods.
    Scope,
    /// A type: what it holds is defined for others too.
    Type,
    /// A function, a method, a macro: what is in it is its own.
    Function,
}

/// Where a definition's name stands.
#[derive(Clone, Copy)]
pub(super) enum Named {
    /// In a field.
    By(&'static str),
    /// In a field, and it is a definition only if it has a body.
    WithBody,
    /// In a field, and it is a definition only if its value is a function.
    IfFunction(&'static str),
    /// Somewhere in what is declared.
    Declared,
    /// It has none; what is in it is of its own.
    Nowhere,
}

use Kind::{Function, Scope, Type};
use Named::{By, Declared, IfFunction, Nowhere, WithBody};

const RUST: &[Defines] = &[
    Defines("enum_item", Type, By("name")),
    Defines("function_item", Function, By("name")),
    Defines("function_signature_item", Function, By("name")),
    Defines("impl_item", Scope, By("type")),
    Defines("macro_definition", Function, By("name")),
    Defines("mod_item", Scope, By("name")),
    Defines("struct_item", Type, By("name")),
    Defines("trait_item", Type, By("name")),
    Defines("type_item", Type, By("name")),
    Defines("union_item", Type, By("name")),
];

const PYTHON: &[Defines] = &[
    Defines("class_definition", Type, By("name")),
    Defines("function_definition", Function, By("name")),
];

/// TypeScript is JavaScript and more; kinds that a grammar does not have do not matter.
const SCRIPT: &[Defines] = &[
    Defines("abstract_class_declaration", Type, By("name")),
    Defines("abstract_method_signature", Function, By("name")),
    Defines("assignment_expression", Function, IfFunction("left")),
    Defines("class", Type, By("name")),
    Defines("class_declaration", Type, By("name")),
    Defines("enum_declaration", Type, By("name")),
    Defines("field_definition", Function, IfFunction("property")),
    Defines("function_declaration", Function, By("name")),
    Defines("function_expression", Function, By("name")),
    Defines("function_signature", Function, By("name")),
    Defines("generator_function", Function, By("name")),
    Defines("generator_function_declaration", Function, By("name")),
    Defines("interface_declaration", Type, By("name")),
    Defines("internal_module", Scope, By("name")),
    Defines("method_definition", Function, By("name")),
    Defines("method_signature", Function, By("name")),
    Defines("module", Scope, By("name")),
    Defines("pair", Function, IfFunction("key")),
    Defines("public_field_definition", Function, IfFunction("name")),
    Defines("type_alias_declaration", Type, By("name")),
    Defines("variable_declarator", Function, IfFunction("name")),
];

const GO: &[Defines] = &[
    Defines("function_declaration", Function, By("name")),
    Defines("method_declaration", Function, By("name")),
    Defines("type_alias", Type, By("name")),
    Defines("type_spec", Type, By("name")),
];

const JAVA: &[Defines] = &[
    Defines("annotation_type_declaration", Type, By("name")),
    Defines("class_declaration", Type, By("name")),
    Defines("constructor_declaration", Function, By("name")),
    Defines("enum_declaration", Type, By("name")),
    Defines("interface_declaration", Type, By("name")),
    Defines("method_declaration", Function, By("name")),
    Defines("record_declaration", Type, By("name")),
];

/// C and C++. A function's declarator ends before its body.
const C: &[Defines] = &[
    Defines("alias_declaration", Type, By("name")),
    Defines("class_specifier", Type, WithBody),
    Defines("compound_statement", Function, Nowhere),
    Defines("enum_specifier", Type, WithBody),
    Defines("function_declarator", Function, Declared),
    Defines("namespace_definition", Scope, By("name")),
    Defines("preproc_function_def", Function, By("name")),
    Defines("struct_specifier", Type, WithBody),
    Defines("type_definition", Type, By("declarator")),
    Defines("union_specifier", Type, WithBody),
];

const RUBY: &[Defines] = &[
    Defines("class", Type, By("name")),
    Defines("method", Function, By("name")),
    Defines("module", Scope, By("name")),
    Defines("singleton_method", Function, By("name")),
];

static LANGUAGES: [Language; 9] = [
    language(
        &["rs"],
        || tree_sitter_rust::LANGUAGE.into(),
        RUST,
        // What a trait demands is as public as the trait.
        |_, signature, of_type| !of_type && !signature.starts_with(['p', 'm']),
    ),
    language(
        &["py", "pyi"],
        || tree_sitter_python::LANGUAGE.into(),
        PYTHON,
        |name, _, _| name.starts_with('_'),
    ),
    language(
        &["js", "jsx", "mjs", "cjs"],
        || tree_sitter_javascript::LANGUAGE.into(),
        SCRIPT,
        is_hidden_in_script,
    ),
    // The grammar for files without JSX would add 1.4 MB to the binary. On the 22,769
    // definitions of two large projects both find the same.
    language(
        &["ts", "mts", "cts", "tsx"],
        || tree_sitter_typescript::LANGUAGE_TSX.into(),
        SCRIPT,
        is_hidden_in_script,
    ),
    language(
        &["go"],
        || tree_sitter_go::LANGUAGE.into(),
        GO,
        |name, _, _| name == "main" || name == "init",
    ),
    language(
        &["java"],
        || tree_sitter_java::LANGUAGE.into(),
        JAVA,
        |_, signature, _| signature.starts_with("private "),
    ),
    language(&["c"], || tree_sitter_c::LANGUAGE.into(), C, is_hidden_in_c),
    language(
        &["cpp", "cc", "cxx", "hpp", "hh", "hxx", "h", "ipp", "inl"],
        || tree_sitter_cpp::LANGUAGE.into(),
        C,
        is_hidden_in_c,
    ),
    language(
        &["rb", "rake"],
        || tree_sitter_ruby::LANGUAGE.into(),
        RUBY,
        |name, _, _| name == "initialize",
    ),
];

fn is_hidden_in_script(name: &str, signature: &str, _: bool) -> bool {
    name.starts_with(['_', '#']) || name == "constructor" || signature.starts_with("private ")
}

fn is_hidden_in_c(_: &str, signature: &str, of_type: bool) -> bool {
    !of_type && signature.starts_with("static ")
}

const fn language(
    extensions: &'static [&'static str],
    grammar: fn() -> tree_sitter::Language,
    nodes: &'static [Defines],
    is_hidden: IsHidden,
) -> Language {
    Language {
        extensions,
        grammar,
        nodes,
        is_hidden,
        by_id: OnceLock::new(),
    }
}

/// The language of a file, by its name.
pub(super) fn of(path: &str) -> Option<&'static Language> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = name.rsplit_once('.')?;
    let mut languages = LANGUAGES.iter().filter(|_| !stem.is_empty());
    languages.find(|language| language.extensions.contains(&extension))
}

impl Language {
    /// What each kind of node is, by its number.
    pub(super) fn roles(&self) -> &[Role] {
        self.by_id.get_or_init(|| {
            let grammar = (self.grammar)();
            let count = u16::try_from(grammar.node_kind_count()).unwrap_or(u16::MAX);
            let role = |id| {
                let kind = grammar.node_kind_for_id(id).unwrap_or_default();
                let known = self.nodes.iter().find(|Defines(name, ..)| *name == kind);
                match known {
                    _ if !grammar.node_kind_is_named(id) => Role::Nothing,
                    Some(Defines(_, kind, named)) => Role::Defines(*kind, *named),
                    None if kind.ends_with("identifier") || kind == "constant" => Role::Name,
                    None => Role::Nothing,
                }
            };
            (0..count).map(role).collect()
        })
    }
}

impl Named {
    /// The node of the name that a node defines, if it does.
    pub(super) fn of(self, node: Node<'_>) -> Option<Node<'_>> {
        let field = |name| node.child_by_field_name(name);
        let name = match self {
            Self::By(name) => field(name),
            Self::WithBody => field("body").and_then(|_| field("name")),
            Self::IfFunction(name) => {
                let value = field("value").or_else(|| field("right"))?;
                matches!(value.kind(), "arrow_function" | "function_expression")
                    .then(|| field(name))
                    .flatten()
            }
            Self::Declared => field("declarator"),
            Self::Nowhere => None,
        };
        let mut name = name?;
        // `a.b.name`, `A::B::name`: the last.
        while let Some(inner) = match name.kind() {
            "member_expression" => name.child_by_field_name("property"),
            "scope_resolution" | "qualified_identifier" => name.child_by_field_name("name"),
            _ => None,
        } {
            name = inner;
        }
        // What is declared may be a pointer to a function, or what looks like a function.
        let is_name = name.kind().ends_with("identifier") || name.kind().ends_with("_name");
        (!matches!(self, Self::Declared) || is_name).then_some(name)
    }
}
