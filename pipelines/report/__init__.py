"""`mine report`: one HTML page about a run, from its manifests and tables alone.

    run           what lies in the folder
    scores, origins, coverage, rejects, differences, samples     what is read off the tables
    flow, pictures                                               what is drawn
    page          all of it in `page.html.jinja`

Tables are streamed, a few thousand rows at a time: of texts only the samples are kept.
"""
