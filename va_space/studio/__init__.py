"""The page in a browser, served from one machine; and its calls as a REST API. Needs the extra ``studio``.

:func:`va_space.studio.app.create_app` makes the app of a model and libraries. A tab of the page is one file
of :mod:`va_space.studio.routes`. What strangers send is bounded on its way in (:mod:`va_space.studio.bodies`,
:mod:`va_space.studio.uploads`), and files go out by an id alone (:mod:`va_space.studio.media`): no path ever
comes from a client.
"""
