//! What is found in each language, also by the queries that come with the grammars.

use tree_sitter::{Language, Parser, Query, QueryCursor, StreamingIterator};

use super::super::outline::outline;
use super::drawn;

/// Files, and what is shown of them.
const SAMPLES: [(&str, &str, &str); 10] = [
    (
        "a.rs",
        "/// No.\npub struct Cup<'a> { size: &'a u8 }\nimpl Pour for Cup<'_> {\n    fn pour(\n        \
             &self,\n        into: &mut Cup,\n    ) -> Option<u8> { fn inner() {} None }\n}\npub trait Pour: Sized { fn pour(); }\n\
             macro_rules! cup { () => {} }\nenum Kind { A }\ntype Z = u8;\nconst Y: u8 = 1;",
        "2: pub struct Cup<'a>\n3: impl Pour for Cup<'_>\n 4: fn pour(&self, into: &mut Cup,) -> Option<u8>\n\
             9: pub trait Pour: Sized\n 9: fn pour()\n10: macro_rules! cup { () => {} }\n11: enum Kind\n12: type Z = u8",
    ),
    (
        "a.py",
        "LIMIT = 3\nclass Cup(Base):\n    @property\n    def size(self) -> int:\n        def inner(): pass\n        \
             return 1\n\nasync def pour(\n    cup: Cup,\n) -> None:\n    pass\n",
        "2: class Cup(Base)\n 4: def size(self) -> int\n8: async def pour(cup: Cup,) -> None",
    ),
    (
        "a.js",
        "export default class Cup extends Base {\n  constructor(x) {}\n  pour(into) { return 1 }\n}\n\
             export const fill = async (cup) => {\n  const inner = () => 1;\n};\nfunction* drops() {}\nmodule.exports.x = function (a) {};",
        "1: export default class Cup extends Base\n 2: constructor(x)\n 3: pour(into)\n5: export const fill = async (cup)\n\
             8: function* drops()\n9: module.exports.x = function (a)",
    ),
    (
        "a.ts",
        "export interface Cup<T> { size: number; pour(into: T): void }\nexport type Kind = 'a' | 'b';\n\
             enum Size { S }\nabstract class Pot implements Cup<string> {\n  private x = 1;\n  abstract fill(): void;\n}\n\
             export function make<T>(size: T): Cup<T> { return <any>size }",
        "1: export interface Cup<T>\n 1: pour(into: T): void\n\
             2: export type Kind = 'a' | 'b'\n3: enum Size\n4: abstract class Pot implements Cup<string>\n \
             6: abstract fill(): void\n8: export function make<T>(size: T): Cup<T>",
    ),
    (
        "a.tsx",
        "export const Page: FC<Props> = ({ a }) => <div>{a}</div>;\nfunction App() { return <Page a={1} /> }",
        "1: export const Page: FC<Props> = ({ a })\n2: function App()",
    ),
    (
        "a.go",
        "package a\n\n// No.\ntype Cup struct {\n\tsize int\n}\n\nfunc (c *Cup) Pour(into *Cup) error {\n\treturn nil\n}\n\
             type Pourer interface { Pour() }\nfunc main() {}",
        "4: type Cup struct\n8: func (c *Cup) Pour(into *Cup) error\n11: type Pourer interface { Pour() }\n12: func main()",
    ),
    (
        "A.java",
        "package a;\npublic final class Cup extends Base {\n  public Cup(int size) {}\n  @Override\n  public void pour(Cup into)\n    throws Spilt {\n  }\n}\n\
             interface Pourer {\n  void pour();\n}\nenum Kind { A }\nrecord P(int x) {}",
        "2: public final class Cup extends Base\n 3: public Cup(int size)\n 5: public void pour(Cup into)\n\
             9: interface Pourer\n 10: void pour()\n12: enum Kind\n13: record P(int x)",
    ),
    (
        "a.c",
        "#define MAX(a, b) ((a) > (b))\nstruct cup {\n  int size;\n};\ntypedef struct cup cup_t;\nenum kind { A };\n\
             static int pour(struct cup *c,\n                int n)\n{\n  return n;\n}\nint spill(void);\n",
        "1: #define MAX(a, b) ((a) > (b))\n2: struct cup\n5: typedef struct cup cup_t\n6: enum kind\n\
             7: static int pour(struct cup *c, int n)\n12: int spill(void)",
    ),
    (
        "a.cpp",
        "namespace tea {\nclass Cup : public Base {\n public:\n  void pour(Cup& into) const;\n};\n}\n\
             void tea::Cup::pour(Cup& into) const {\n  Lock lock(into);\n}\ntemplate <typename T> T fill(T t) { return t; }",
        "1: namespace tea\n 2: class Cup : public Base\n  4: void pour(Cup& into) const\n\
             7: void tea::Cup::pour(Cup& into) const\n10: template <typename T> T fill(T t)",
    ),
    (
        "a.rb",
        "module Tea\n  # No.\n  class Cup < Base\n    def pour(into)\n      1\n    end\n\n    def self.make\n    end\n  end\nend\n",
        "1: module Tea\n 3: class Cup < Base\n  4: def pour(into)\n  8: def self.make",
    ),
];

#[test]
fn definitions_of_each_language_are_found() {
    for (path, text, shown) in SAMPLES {
        let drawn = drawn(&[(path, text)], &[path], 1000);
        let shown: Vec<String> = shown.lines().map(|line| format!(" {line}\n")).collect();
        assert_eq!(drawn, format!("{path}\n{}", shown.concat()));
    }
}

/// The grammar of a file with its queries.
fn tags(path: &str) -> (Language, String) {
    let script = tree_sitter_javascript::TAGS_QUERY;
    let typed = format!("{script}\n{}", tree_sitter_typescript::TAGS_QUERY);
    let (grammar, tags) = match path.rsplit('.').next().unwrap() {
        "rs" => (tree_sitter_rust::LANGUAGE, tree_sitter_rust::TAGS_QUERY),
        "py" => (tree_sitter_python::LANGUAGE, tree_sitter_python::TAGS_QUERY),
        "js" => (tree_sitter_javascript::LANGUAGE, script),
        "ts" => (tree_sitter_typescript::LANGUAGE_TYPESCRIPT, typed.as_str()),
        "tsx" => (tree_sitter_typescript::LANGUAGE_TSX, typed.as_str()),
        "go" => (tree_sitter_go::LANGUAGE, tree_sitter_go::TAGS_QUERY),
        "java" => (tree_sitter_java::LANGUAGE, tree_sitter_java::TAGS_QUERY),
        "c" => (tree_sitter_c::LANGUAGE, tree_sitter_c::TAGS_QUERY),
        "cpp" => (tree_sitter_cpp::LANGUAGE, tree_sitter_cpp::TAGS_QUERY),
        "rb" => (tree_sitter_ruby::LANGUAGE, tree_sitter_ruby::TAGS_QUERY),
        other => panic!("{other}"),
    };
    (grammar.into(), tags.to_owned())
}

/// Names that a grammar's own query finds defined in a text, with their lines.
fn tagged(path: &str, text: &str) -> Vec<(String, usize)> {
    let (grammar, tags) = tags(path);
    let mut parser = Parser::new();
    parser.set_language(&grammar).unwrap();
    let tree = parser.parse(text, None).unwrap();
    let query = Query::new(&grammar, &tags).unwrap();
    let mut cursor = QueryCursor::new();
    let mut matches = cursor.matches(&query, tree.root_node(), text.as_bytes());
    let mut found = Vec::new();
    while let Some(matched) = matches.next() {
        let kind = |index: u32| query.capture_names()[index as usize];
        let defined = |index: u32| {
            let kind = kind(index).strip_prefix("definition.");
            kind.is_some_and(|kind| !matches!(kind, "constant" | "module"))
        };
        if matched
            .captures
            .iter()
            .any(|capture| defined(capture.index))
        {
            let mut names = matched.captures.iter();
            let name = names
                .find(|capture| kind(capture.index) == "name")
                .unwrap()
                .node;
            found.push((
                text[name.byte_range()].to_owned(),
                name.start_position().row + 1,
            ));
        }
    }
    found
}

#[test]
fn what_the_grammars_queries_find_is_found_unless_it_is_a_functions_own() {
    let own = [
        ("a.rs", include_str!("../../../tools/mod.rs")),
        ("a.rs", include_str!("../outline.rs")),
        ("a.rs", include_str!("../../../workspace/mod.rs")),
    ];
    let mut count = 0;
    for (path, text) in SAMPLES
        .map(|(path, text, _)| (path, text))
        .into_iter()
        .chain(own)
    {
        let outline = outline(path, text.as_bytes());
        for (name, line) in tagged(path, text) {
            let mut found = outline.definitions.iter();
            let is_found = found.any(|found| (found.name, found.line) == (name.as_str(), line));
            // `inner` is what samples call it; so does a variable that looks like a function.
            let is_own = name.contains("inner") || name == "lock";
            assert!(is_found != is_own, "{path}:{line}: {name}");
            count += 1;
        }
    }
    assert!(count > 70, "{count}");
}
