"""The step-by-step Django roadmap, as `0002_seed` plants it.

Titles and summaries are those of the seed document, word for word. The descriptions are our own.
"""

NODES = [
    {
        "level": 0,
        "title": "Step By Step Python Django Roadmap",
        "summary": (
            "Ten stages in order, from the first lines of Python to finished projects of your own."
        ),
        "description": (
            "This roadmap puts Django in ten stages, one after the other, and each stage says "
            "what to aim for. The [Django roadmap](roadmap:django) covers nearly the same "
            "ground as a tree of small topics. Follow the stages when you want an order to "
            "keep to, and look into the tree when you want one thing explained. Every stage "
            "links to the topics that belong to it.\n\n"
            "You can show something you have built at the end of each stage."
        ),
    },
    {
        "level": 1,
        "title": "Learn Python",
        "summary": (
            "Understand Python fundamentals: variables, data types, control flow, functions, "
            "OOP, and data structures."
        ),
        "description": (
            "Start with the language, because models, views, settings and tests are all "
            "Python. [Learn Python Basics](roadmap:django/learn-python-basics) explains "
            "[variables and data types](roadmap:django/variables-and-data-types), [control "
            "flow](roadmap:django/control-flow-if-statements-loops), "
            "[functions](roadmap:django/functions) and "
            "[classes](roadmap:django/object-oriented-programming). Spend extra time on lists "
            "and dictionaries: views, forms and templates hand each other both. Write small "
            "programs, and read each error message to its last line.\n\n"
            "You can solve a small task you have not seen before and explain every line of "
            "your solution."
        ),
        "resources": [
            ("official", "The Python Tutorial", "https://docs.python.org/3/tutorial/index.html"),
            (
                "official",
                "Data Structures",
                "https://docs.python.org/3/tutorial/datastructures.html",
            ),
        ],
    },
    {
        "level": 1,
        "title": "Django Basics",
        "summary": (
            "Familiarize yourself with Django's MVT architecture by creating simple apps, "
            "learning about URLs, views, templates, and forms."
        ),
        "description": (
            "Work through Django's own tutorial, then build something else with the same "
            "parts. [Django Basics](roadmap:django/django-basics) goes with you: [install "
            "Django](roadmap:django/install-django), answer a [first "
            "request](roadmap:django/create-a-hello-world-app), see how [models, views and "
            "templates](roadmap:django/understand-mvt-architecture) divide the work, and "
            "[connect them with URLs](roadmap:django/work-with-urls-views-templates). This "
            "stage adds forms. A `Form` class describes the fields, `is_valid()` checks the "
            "input, and `cleaned_data` holds the result.\n\n"
            "You can build an app of three pages, one of them with a form that refuses wrong "
            "input."
        ),
        "resources": [
            (
                "official",
                "Writing your first Django app, part 1",
                "https://docs.djangoproject.com/en/stable/intro/tutorial01/",
            ),
            (
                "official",
                "Working with forms",
                "https://docs.djangoproject.com/en/stable/topics/forms/",
            ),
        ],
    },
    {
        "level": 1,
        "title": "Core Concepts",
        "summary": (
            "Dive into models, query sets, authentication, middleware, and admin customization."
        ),
        "description": (
            "Most of the time you spend on a Django project goes into these five parts, all "
            "found under [Core Django Concepts](roadmap:django/core-django-concepts). "
            "[Models](roadmap:django/models-and-orm) hold the data and [query "
            "sets](roadmap:django/query-sets) find it. "
            "[Authentication](roadmap:django/authentication) tells you who asks, "
            "[middleware](roadmap:django/middleware) runs around every request, and the "
            "[admin](roadmap:django/admin-customization) lets staff edit records. Take one "
            "small application and add the parts to it in this order.\n\n"
            "You can build an application in which people log in and edit only their own "
            "records."
        ),
        "resources": [
            ("official", "Models", "https://docs.djangoproject.com/en/stable/topics/db/models/"),
            (
                "official",
                "Making queries",
                "https://docs.djangoproject.com/en/stable/topics/db/queries/",
            ),
            (
                "official",
                "User authentication in Django",
                "https://docs.djangoproject.com/en/stable/topics/auth/",
            ),
        ],
    },
    {
        "level": 1,
        "title": "Frontend Integration",
        "summary": "Learn basic HTML, CSS, and JavaScript to integrate with Django applications.",
        "description": (
            "Visitors see your work in a browser. [Frontend "
            "Basics](roadmap:django/frontend-basics) has the three languages you need: "
            "[HTML](roadmap:django/html) for structure, [CSS](roadmap:django/css) for the "
            "look, [JavaScript](roadmap:django/javascript) for what reacts. In templates, `{% "
            "extends %}` puts one layout around all pages, `{% static %}` links to style "
            "sheets and scripts, and a form that posts needs `{% csrf_token %}`.\n\n"
            "You can give every page of a site the same layout, check it on a phone, and "
            "update part of a page without loading it again."
        ),
        "resources": [
            (
                "official",
                "Core learning modules",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Core",
            ),
            (
                "official",
                "How to manage static files (e.g. images, JavaScript, CSS)",
                "https://docs.djangoproject.com/en/stable/howto/static-files/",
            ),
        ],
    },
    {
        "level": 1,
        "title": "Database Management",
        "summary": (
            "Understand relational databases (PostgreSQL, MySQL) and NoSQL (MongoDB), and how "
            "to use Django's ORM."
        ),
        "description": (
            "Django's ORM writes SQL for you, but the database decides how fast it runs. Learn "
            "tables, keys, indexes and transactions in PostgreSQL or MySQL, then read the SQL "
            "behind your [models](roadmap:django/models-and-orm) and [query "
            "sets](roadmap:django/query-sets), which belong to [Core Django "
            "Concepts](roadmap:django/core-django-concepts); `str(queryset.query)` shows "
            "roughly what is sent. [Optimize Database "
            "Queries](roadmap:django/optimize-database-queries) goes further. MongoDB stores "
            "documents instead of rows; Django ships no backend for it, but MongoDB publishes "
            "one.\n\n"
            "You can move a project from SQLite to PostgreSQL and say which of its queries "
            "needs an index."
        ),
        "resources": [
            ("official", "Databases", "https://docs.djangoproject.com/en/stable/ref/databases/"),
            (
                "official",
                "Part I. Tutorial",
                "https://www.postgresql.org/docs/current/tutorial.html",
            ),
            (
                "official",
                "Django MongoDB Backend",
                "https://www.mongodb.com/docs/languages/python/django-mongodb/current/",
            ),
        ],
    },
    {
        "level": 1,
        "title": "RESTful APIs",
        "summary": "Develop skills in creating RESTful APIs with Django REST Framework.",
        "description": (
            "An API lets other programs use your site: a mobile app, a script, a frontend. "
            "[Create RESTful APIs](roadmap:django/create-restful-apis), in [Deployment and "
            "APIs](roadmap:django/deployment-and-apis), explains how Django REST framework "
            "builds one. Serializers turn objects into JSON and check what comes in, views "
            "answer the HTTP methods, and permissions decide who may do what. Your "
            "[models](roadmap:django/models-and-orm) and "
            "[users](roadmap:django/authentication) stay the same. Choose field names with "
            "care, since other people's programs come to depend on them.\n\n"
            "You can offer one of your models as an API that someone else uses from its "
            "documentation alone."
        ),
        "resources": [
            (
                "official",
                "Quickstart",
                "https://www.django-rest-framework.org/tutorial/quickstart/",
            ),
            (
                "official",
                "Tutorial 1: Serialization",
                "https://www.django-rest-framework.org/tutorial/1-serialization/",
            ),
        ],
    },
    {
        "level": 1,
        "title": "Deployment",
        "summary": (
            "Learn how to deploy Django applications on platforms like Heroku or AWS, and "
            "understand CI/CD practices."
        ),
        "description": (
            "Put a small project online early, so that each later change has a place to go. "
            "[Deploy Django Applications](roadmap:django/deploy-django-applications), in "
            "[Deployment and APIs](roadmap:django/deployment-and-apis), lists what a "
            "production site needs. A platform such as Heroku runs your code from a "
            "repository; on AWS you choose and connect more of the parts yourself. Continuous "
            "integration (CI) runs your [tests](roadmap:django/testing-unit-and-integration) "
            "on every push to [Git](roadmap:django/version-control-git), and continuous "
            "delivery (CD) gets what passes ready for release.\n\n"
            "You can push a small change, watch the tests pass, and see it online a few "
            "minutes later."
        ),
        "resources": [
            (
                "official",
                "How to deploy Django",
                "https://docs.djangoproject.com/en/stable/howto/deployment/",
            ),
            (
                "official",
                "Deployment checklist",
                "https://docs.djangoproject.com/en/stable/howto/deployment/checklist/",
            ),
            (
                "official",
                "Building and testing Python",
                "https://docs.github.com/en/actions/tutorials/build-and-test-code/python",
            ),
        ],
    },
    {
        "level": 1,
        "title": "Advanced Topics",
        "summary": (
            "Explore asynchronous programming with Django Channels, background tasks with "
            "Celery, and security best practices."
        ),
        "description": (
            "Three needs that come with growth. "
            "[Channels](roadmap:django/django-channels-real-time-applications) keeps "
            "connections open, so that a page shows news at once; [asynchronous "
            "programming](roadmap:django/asynchronous-programming) helps you understand how. "
            "[Celery](roadmap:django/implement-background-tasks-celery) does slow work, such "
            "as sending mail, outside the request. Security means knowing what Django guards "
            "against by default, such as SQL injection and cross-site request forgery, and "
            "where your own code can undo it. [Advanced "
            "Topics](roadmap:django/advanced-topics) has more.\n\n"
            "You can move a slow job into a task and name three attacks Django protects your "
            "site from."
        ),
        "resources": [
            (
                "official",
                "Introduction",
                "https://channels.readthedocs.io/en/stable/introduction.html",
            ),
            (
                "official",
                "First steps with Django",
                "https://docs.celeryq.dev/en/stable/django/first-steps-with-django.html",
            ),
            (
                "official",
                "Security in Django",
                "https://docs.djangoproject.com/en/stable/topics/security/",
            ),
        ],
    },
    {
        "level": 1,
        "title": "Full-Stack Development",
        "summary": (
            "Integrate frontend frameworks (like React or Vue.js) with Django backends and "
            "learn about Docker."
        ),
        "description": (
            "Now the frontend becomes a program of its own, and Django serves it data. Learn "
            "[Vue.js or React](roadmap:django/integrate-frontend-frameworks-vuejs-react) (one "
            "of them is enough), and let it talk to the "
            "[API](roadmap:django/create-restful-apis) you built. Then describe backend, "
            "frontend and database with "
            "[Docker](roadmap:django/use-docker-for-containerization), so that they start the "
            "same way on every computer. [Full-Stack "
            "Development](roadmap:django/full-stack-development) has both topics.\n\n"
            "You can build a page of components that adds and removes records through your "
            "API, and start everything with `docker compose up`."
        ),
        "resources": [
            ("official", "Introduction", "https://vuejs.org/guide/introduction.html"),
            ("official", "Quick Start", "https://react.dev/learn"),
            (
                "official",
                "Containerize a Django application",
                "https://docs.docker.com/guides/django/",
            ),
        ],
    },
    {
        "level": 1,
        "title": "Final Projects",
        "summary": (
            "Build comprehensive projects to consolidate your learning and showcase your skills."
        ),
        "description": (
            "Choose a project that somebody needs, even if that is only you, and make the "
            "first version small enough for a month. Keep it in "
            "[Git](roadmap:django/version-control-git), write "
            "[tests](roadmap:django/testing-unit-and-integration) from the start, keep the "
            "code [readable](roadmap:django/clean-code-practices), and [put it "
            "online](roadmap:django/deploy-django-applications). [Software Engineering "
            "Principles](roadmap:django/software-engineering-principles) matter most here. Add "
            "a README that gets a stranger started, then watch someone use the site, and do "
            "not help.\n\n"
            "You can show the site, its code and its history to anyone, and say what you would "
            "do differently."
        ),
        "resources": [
            (
                "official",
                "Advanced tutorial: How to write reusable apps",
                "https://docs.djangoproject.com/en/stable/intro/reusable-apps/",
            ),
            (
                "official",
                "Testing in Django",
                "https://docs.djangoproject.com/en/stable/topics/testing/",
            ),
            (
                "course",
                "Challenge: DIY Django mini blog",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Extensions/Server-side/Django/django_assessment_blog",
            ),
        ],
    },
]
