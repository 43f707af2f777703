"""Reading XML that somebody else wrote: no document type, no entities, no network, no surprises in size.

A document type is refused before the parser sees the text, because entities in attributes are expanded even where the
parser is told to leave entities alone. The text is always UTF-8 (it comes as ``str``), whatever its declaration says,
so that nothing hides in another encoding.
"""

import re

from lxml import etree

from workflows.kernel.errors import Refusal

#: One file; a diagram of a hundred steps with its layout has about 200 kB.
LARGEST_FILE = 1_000_000
MOST_ELEMENTS = 20_000

_DOCTYPE = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(r"""^(<\?xml[^>]*?)\s+encoding\s*=\s*(["'])[^"'>]*\2""")


class BadDiagram(Refusal):
    """A diagram or decision table that is not taken into use: where (``element_id``) and why (``reason``)."""

    code = "bad_diagram"

    def __init__(self, element_id: str, reason: str) -> None:
        super().__init__("The diagram is refused at %(element)s: %(reason)s", element=element_id, reason=reason)
        self.element_id = element_id
        self.reason = reason


def parse_xml(text: str, name: str) -> etree._Element:
    """Give the root element of an XML text; comments and processing instructions are left out.

    ``name`` is the file's, for the refusal (``BadDiagram``).
    """
    if len(text) > LARGEST_FILE:
        raise BadDiagram(name, f"The file is larger than {LARGEST_FILE} characters")
    if _DOCTYPE.search(text):
        raise BadDiagram(name, "A document type is not allowed")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_ENCODING.sub(r"\1", text, count=1).encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadDiagram(name, f"The file is not well-formed XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadDiagram(name, "A document type is not allowed")
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise BadDiagram(name, f"The file has more than {MOST_ELEMENTS} elements")
    return root


def local_name(node: etree._Element) -> str:
    """Give an element's name without its namespace."""
    return str(etree.QName(node).localname)


def namespace(node: etree._Element) -> str:
    """Give an element's namespace, empty for none."""
    return str(etree.QName(node).namespace or "")
