"""Tests of check_snippets.py."""

import pathlib
import tempfile
import textwrap
import unittest

from check_snippets import problems_of, write

SOURCES = {
    "tests/docs/page.cpp": """
        int main() {
          // [call]
          if (true) {
            return 1;
          }
          // [call]
        }
    """,
    "tests/packaging/way/CMakeLists.txt": """
        # [use]
        target_link_libraries(mine PRIVATE fictive::fictive)
        # [use]
    """,
    "tests/packaging/way/vcpkg.json": """
        { "dependencies": ["fictive"] }
    """,
}


class CheckSnippets(unittest.TestCase):
    def problems(self, page, write_first=False):
        """Of a page in docs/."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for path, text in {**SOURCES, "docs/page.md": page}.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
            if write_first:
                write(root)
            found, _ = problems_of(root)
            return found

    def assert_problem(self, page, problem):
        self.assertEqual(self.problems(page), [f"docs/page.md: {problem}"])

    def test_a_snippet_is_shown_without_its_indentation(self):
        page = "<!-- tests/docs/page.cpp#call -->\n```cpp\nif (true) {\n  return 1;\n}\n```\n"
        self.assertEqual(self.problems(page), [])

    def test_build_files_name_snippets_in_their_own_comments(self):
        page = """\
            <!-- tests/packaging/way/CMakeLists.txt#use -->
            ```cmake
            target_link_libraries(mine PRIVATE fictive::fictive)
            ```
        """
        self.assertEqual(self.problems(page), [])

    def test_a_file_can_be_shown_as_a_whole(self):
        page = '<!-- tests/packaging/way/vcpkg.json -->\n```json\n{ "dependencies": ["fictive"] }\n```\n'
        self.assertEqual(self.problems(page), [])

    def test_other_code_than_in_the_file_is_found(self):
        page = "<!-- tests/docs/page.cpp#call -->\n```cpp\nif (true) return 2;\n```\n"
        self.assert_problem(page, "the block of tests/docs/page.cpp#call differs from the file")

    def test_code_without_a_file_is_found(self):
        for language in ("cpp", "cmake", "meson", "python", "ini", "json"):
            self.assert_problem(f"```{language}\nx\n```\n", f"a block of {language} does not name its file")

    def test_a_marker_must_be_right_before_its_block(self):
        page = "<!-- tests/docs/page.cpp#call -->\n\n```cpp\nif (true) {\n  return 1;\n}\n```\n"
        self.assertIn("docs/page.md: a block of cpp does not name its file", self.problems(page))
        self.assertIn("docs/page.md: no code block after tests/docs/page.cpp#call", self.problems(page))

    def test_other_code_can_be_replaced(self):
        page = "<!-- tests/docs/page.cpp#call -->\n```cpp\nif (true) return 2;\n```\n\n```sh\ntools/test\n```\n"
        self.assertEqual(self.problems(page, write_first=True), [])

    def test_a_missing_file_or_snippet_is_found(self):
        self.assert_problem("<!-- tests/gone.cpp -->\n```cpp\nx\n```\n", "tests/gone.cpp does not exist")
        self.assert_problem(
            "<!-- tests/docs/page.cpp#gone -->\n```cpp\nx\n```\n",
            "tests/docs/page.cpp needs exactly two lines that name gone")

    def test_a_block_in_an_unknown_language_or_none_is_found(self):
        for language in ("", "c"):
            self.assertIn(f"the language of a code block is '{language}'", self.problems(f"```{language}\nx\n```\n")[0])

    def test_shell_commands_need_no_file(self):
        self.assertEqual(self.problems("```sh\ntools/test\n```\n"), [])

    def test_a_block_without_end_is_found(self):
        self.assert_problem("```sh\ntools/test\n", "a code block has no end")

    def test_a_comment_that_names_no_file_is_not_a_marker(self):
        self.assertEqual(self.problems("<!-- outcomes -->\n\n| a | table |\n\n<!-- /outcomes -->\n"), [])

    def test_links_must_be_valid(self):
        self.assertEqual(self.problems("[a](page.md) [b](../tests/docs/page.cpp) [c](https://example.com/gone)\n"), [])
        self.assert_problem("[a](gone.md)\n", "the link to gone.md is broken")
        self.assert_problem("[a](/docs/page.md)\n", "the link to /docs/page.md is broken")

    def test_anchors_must_be_headings(self):
        self.assertEqual(self.problems("# How to `use` it, now\n[a](#how-to-use-it-now) [b](page.md#how-to-use-it-now)\n"), [])
        self.assert_problem("# Here\n[a](#there)\n", "page.md has no heading #there")

    def test_paths_in_code_must_exist(self):
        self.assertEqual(self.problems("`tests/docs/page.cpp`, `docs/`, `std::string`, `tests/*`, `POST /docs/x`\n"), [])
        self.assert_problem("`tests/docs/gone.cpp`\n", "tests/docs/gone.cpp does not exist")

    def test_what_a_block_shows_is_neither_a_link_nor_a_heading(self):
        self.assertEqual(self.problems("```sh\n# [a](gone.md) `tests/gone`\n```\n"), [])
        self.assert_problem("```sh\n# Gone\n```\n[a](#gone)\n", "page.md has no heading #gone")


if __name__ == "__main__":
    unittest.main()
