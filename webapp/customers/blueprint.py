"""The blueprint of the archive's pages, and what their templates know."""

from flask import Blueprint

from webapp.customers import words

blueprint = Blueprint("customers", __name__, url_prefix="/customers")
blueprint.add_app_template_global(words, "customer_words")
