"""What all pages share: their templates' base and style, the plane of feeling, and embedded media.

A page is one file that needs no network. Titles and names come from strangers' files: templates escape them,
and the head's content security policy allows no script but the page's own.
"""
